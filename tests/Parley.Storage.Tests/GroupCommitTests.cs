using Microsoft.Data.Sqlite;
using Parley.Protocol.Generation;
using Parley.Testing;

namespace Parley.Storage.Tests;

/// <summary>Many appends, few commits; no group over 64 kB; a commit that fails tells its callers and nobody else.</summary>
public sealed class GroupCommitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_queues_while_another_writes_is_committed_together()
    {
        using var database = SqliteDatabase.Open(_folder.File("parley.db"));
        await using var log = new SqliteGenerationLog(database, TimeProvider.System);
        Task[] appends;
        using (var other = database.Connect())
        {
            using var held = other.BeginTransaction();
            appends = [.. Enumerable.Range(0, 200).Select(_ => log.AppendAsync([Delta(Guid.CreateVersion7(), 1, "x")]))];
            Assert.DoesNotContain(appends, append => append.IsCompleted);
            held.Rollback();
        }

        await Task.WhenAll(appends);
        Assert.InRange(log.Groups, 1, 20);
    }

    [Fact]
    public async Task A_group_closes_at_64_kilobytes()
    {
        var sizes = new List<int>();
        using var blocked = new ManualResetEventSlim();
        await using var writer = new GroupWriter(
            group =>
            {
                blocked.Wait();
                sizes.Add(group.Sum(write => write.Bytes));
            },
            TimeProvider.System);
        Task[] writes = [.. Enumerable.Range(0, 40).Select(_ => writer.WriteAsync(PendingWrite.Append([Delta(Guid.CreateVersion7(), 1, new string('x', 10_000))]), default))];
        blocked.Set();
        await Task.WhenAll(writes);
        Assert.All(sizes, size => Assert.InRange(size, 1, GroupWriter.MaxGroupBytes + 10_200));
        Assert.True(sizes.Count >= 5, $"400 kB went into {sizes.Count} groups.");
    }

    [Fact]
    public async Task A_failed_commit_tells_its_callers_and_the_next_one_goes_on()
    {
        using var database = SqliteDatabase.Open(_folder.File("parley.db"));
        await using var log = new SqliteGenerationLog(database, TimeProvider.System);
        var id = Guid.CreateVersion7();
        await log.AppendAsync([Delta(id, 1, "a")]);
        Execute(database, "ALTER TABLE generation_events RENAME TO hidden;");
        await Assert.ThrowsAsync<Protocol.Errors.ParleyException>(() => log.AppendAsync([Delta(id, 2, "b")]));
        Execute(database, "ALTER TABLE hidden RENAME TO generation_events;");
        await log.AppendAsync([Delta(id, 2, "c")]);
        Assert.Equal(["a", "c"], (await log.ReadAsync(id, 0)).Select(entry => entry.Text));
    }

    [Fact]
    public void The_first_commits_go_at_once_and_the_next_wait_out_the_window()
    {
        var time = new ManualTime();
        var pace = new CommitPace(time);
        for (var i = 0; i < CommitPace.Burst; i++)
        {
            Assert.Equal(TimeSpan.Zero, pace.Delay());
            pace.Committed();
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(CommitPace.Window - TimeSpan.FromMilliseconds(CommitPace.Burst), pace.Delay());
        time.Advance(CommitPace.Window);
        Assert.Equal(TimeSpan.Zero, pace.Delay());
    }

    private static GenerationEvent Delta(Guid id, long sequence, string text) => new() { Generation = id, Sequence = sequence, Kind = GenerationEventKind.Delta, Text = text };

    private static void Execute(SqliteDatabase database, string sql)
    {
        using var connection = database.Connect();
        using var command = new SqliteCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
