using FsCheck;
using FsCheck.Fluent;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Storage.Tests.Contract;

/// <summary>What every generation log must hold to, whatever engine is behind it. An engine's test class derives and says how to open it.</summary>
public abstract class GenerationLogContract : IDisposable
{
    /// <summary>Opens the engine on this test's data; called again after disposal, it finds what was committed.</summary>
    protected abstract IStorage Open();

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public async Task What_was_appended_is_read_back_whole_also_after_a_restart()
    {
        var id = Guid.CreateVersion7();
        GenerationEvent[] events =
        [
            new() { Generation = id, Sequence = 1, Kind = GenerationEventKind.Started, Usage = new(7, 0, 3), ModelVersion = "w1" },
            new()
            {
                Generation = id, Sequence = 2, Kind = GenerationEventKind.Delta, Choice = 1, OutputItem = 2, Text = "Grüß \"dich\" 👋\n", TokenIds = [0, 5, 70000],
                LogProbabilities = [new(5, "a", -0.25f, [new(6, "b", float.NegativeInfinity, [])])],
            },
            new() { Generation = id, Sequence = 3, Kind = GenerationEventKind.Finished, Choice = 1, FinishReason = FinishReason.Stop },
            new() { Generation = id, Sequence = 4, Kind = GenerationEventKind.Failed, Error = new("It broke.", "server_error", "p", "c"), Usage = new(7, 3) },
        ];
        await using (var storage = Open())
        {
            await storage.Log.AppendAsync(events);
            AssertSame(events, await storage.Log.ReadAsync(id, 0));
        }

        await using var again = Open();
        AssertSame(events, await again.Log.ReadAsync(id, 0));
        AssertSame(events[2..], await again.Log.ReadAsync(id, 2));
        Assert.Empty(await again.Log.ReadAsync(Guid.CreateVersion7(), 0));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    [InlineData(5)]
    public async Task A_gap_or_a_double_is_refused_and_the_others_go_on(long wrong)
    {
        await using var storage = Open();
        var (one, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await storage.Log.AppendAsync(Deltas(one, 1, 3));
        var refused = storage.Log.AppendAsync(Deltas(one, wrong, 1));
        var fine = storage.Log.AppendAsync(Deltas(other, 1, 1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => refused);
        await fine;
        await storage.Log.AppendAsync(Deltas(one, 4, 1));
        Assert.Equal([1, 2, 3, 4], (await storage.Log.ReadAsync(one, 0)).Select(entry => entry.Sequence));
    }

    [Fact]
    public async Task A_refused_append_writes_none_of_its_events()
    {
        await using var storage = Open();
        var id = Guid.CreateVersion7();
        await Assert.ThrowsAsync<InvalidOperationException>(() => storage.Log.AppendAsync([.. Deltas(id, 1, 2), .. Deltas(id, 4, 1)]));
        Assert.Empty(await storage.Log.ReadAsync(id, 0));
        await storage.Log.AppendAsync(Deltas(id, 1, 1));
    }

    [Fact]
    public async Task Sequence_numbers_go_on_after_a_restart()
    {
        var id = Guid.CreateVersion7();
        await using (var storage = Open())
        {
            await storage.Log.AppendAsync(Deltas(id, 1, 3));
        }

        await using var again = Open();
        await Assert.ThrowsAsync<InvalidOperationException>(() => again.Log.AppendAsync(Deltas(id, 3, 1)));
        await again.Log.AppendAsync(Deltas(id, 4, 1));
        Assert.Equal(4, (await again.Log.ReadAsync(id, 0)).Count);
    }

    [Fact]
    public async Task A_deleted_generation_is_gone_and_its_stream_cannot_go_on()
    {
        await using var storage = Open();
        var (id, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await storage.Log.AppendAsync(Deltas(id, 1, 3));
        await storage.Log.AppendAsync(Deltas(other, 1, 1));
        await storage.Log.DeleteAsync(id);
        Assert.Empty(await storage.Log.ReadAsync(id, 0));
        await Assert.ThrowsAsync<InvalidOperationException>(() => storage.Log.AppendAsync(Deltas(id, 4, 1)));
        Assert.Single(await storage.Log.ReadAsync(other, 0));
    }

    [Fact]
    public async Task Following_ends_when_the_generation_is_deleted()
    {
        await using var storage = Open();
        var id = Guid.CreateVersion7();
        await storage.Log.AppendAsync(Deltas(id, 1, 2));
        var reading = FollowAsync(storage, id, 0, default);
        await storage.Log.DeleteAsync(id);
        Assert.InRange((await reading.WaitAsync(TimeSpan.FromSeconds(30))).Count, 0, 2);
        Assert.Empty(await FollowAsync(storage, id, 0, default).WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Following_ends_with_the_generation_and_can_be_cancelled_before()
    {
        await using var storage = Open();
        var id = Guid.CreateVersion7();
        await storage.Log.AppendAsync([.. Deltas(id, 1, 2), End(id, 3)]);
        Assert.Equal([2, 3], (await FollowAsync(storage, id, 1, default)).Select(entry => entry.Sequence));
        Assert.Empty(await FollowAsync(storage, id, 3, default));
        using var cancellation = new CancellationTokenSource();
        var waiting = FollowAsync(storage, Guid.CreateVersion7(), 0, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Several generations written in pieces of random size, readers that join anywhere with anything, and restarts in between.</summary>
    [Fact]
    public void Followers_lose_nothing_and_see_nothing_twice() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => RunAsync(new Random(seed)).GetAwaiter().GetResult()));

    private async Task<bool> RunAsync(Random random)
    {
        var storage = Open();
        var written = Enumerable.Range(0, random.Next(1, 5)).ToDictionary(_ => Guid.CreateVersion7(), _ => 0L);
        var total = written.Keys.ToDictionary(id => id, _ => (long)random.Next(1, 30));
        var followers = new List<Follower>();
        var appends = new List<Task>();
        while (written.Any(pair => pair.Value < total[pair.Key]))
        {
            var id = written.Keys.ElementAt(random.Next(written.Count));
            var count = Math.Min(random.Next(1, 6), total[id] - written[id]);
            if (count > 0)
            {
                appends.Add(storage.Log.AppendAsync(Events(id, written[id] + 1, count, total[id])));
                written[id] += count;
            }

            if (random.Next(3) == 0)
            {
                followers.Add(new Follower(id, random.Next((int)written[id] + 1)));
                followers[^1].Start(storage);
            }

            if (random.Next(12) == 0)
            {
                await Task.WhenAll(appends);
                await Task.WhenAll(followers.Select(follower => follower.StopAsync()));
                await storage.DisposeAsync();
                storage = Open();
                followers.ForEach(follower => follower.Start(storage));
            }
        }

        await Task.WhenAll(appends);
        await Task.WhenAll(followers.Select(follower => follower.Reading));
        await storage.DisposeAsync();
        return followers.TrueForAll(follower => follower.SawExactly(total[follower.Generation]));
    }

    private static GenerationEvent[] Events(Guid id, long first, long count, long total)
    {
        var events = Deltas(id, first, count);
        return first + count > total ? [.. events[..^1], End(id, total)] : events;
    }

    private protected static GenerationEvent[] Deltas(Guid id, long first, long count) =>
        [.. Enumerable.Range(0, (int)count).Select(i => new GenerationEvent { Generation = id, Sequence = first + i, Kind = GenerationEventKind.Delta, Text = $"t{first + i}" })];

    private static GenerationEvent End(Guid id, long sequence) =>
        new() { Generation = id, Sequence = sequence, Kind = GenerationEventKind.Completed, Usage = new(1, 1) };

    private static async Task<List<GenerationEvent>> FollowAsync(IStorage storage, Guid id, long after, CancellationToken cancellationToken)
    {
        var events = new List<GenerationEvent>();
        await foreach (var entry in storage.Log.FollowAsync(id, after, cancellationToken))
        {
            events.Add(entry);
        }

        return events;
    }

    private static void AssertSame(IReadOnlyList<GenerationEvent> expected, IReadOnlyList<GenerationEvent> actual) =>
        Assert.Equivalent(expected, actual, strict: true);

    /// <summary>A reader that remembers the last sequence number it saw and goes on from there when it is started again.</summary>
    private sealed class Follower(Guid generation, long after)
    {
        private readonly List<long> _seen = [];
        private CancellationTokenSource _cancellation = new();

        public Guid Generation => generation;

        public Task Reading { get; private set; } = Task.CompletedTask;

        public void Start(IStorage storage)
        {
            _cancellation = new CancellationTokenSource();
            Reading = Task.Run(() => ReadAsync(storage, _cancellation.Token));
        }

        public async Task StopAsync()
        {
            await _cancellation.CancelAsync();
            await Reading;
        }

        public bool SawExactly(long total) => _seen.SequenceEqual(Enumerable.Range((int)after + 1, (int)(total - after)).Select(number => (long)number));

        private async Task ReadAsync(IStorage storage, CancellationToken cancellationToken)
        {
            var last = _seen.Count > 0 ? _seen[^1] : after;
            try
            {
                await foreach (var entry in storage.Log.FollowAsync(generation, last, cancellationToken))
                {
                    _seen.Add(entry.Sequence);
                }
            }
            catch (OperationCanceledException)
            {
                // Stopped for a restart.
            }
        }
    }
}
