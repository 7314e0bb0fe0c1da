using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Generation;
using Parley.Protocol.Logs;

namespace Parley.Storage;

/// <summary>
/// The generation log in SQLite: one writer commits in groups, readers use connections of their own and therefore see committed events only. A
/// follower reads the table again whenever a commit is signalled; there is no second, in-memory path that could differ from it.
/// </summary>
public sealed class SqliteGenerationLog : IGenerationLog, IAsyncDisposable
{
    private readonly SqliteDatabase _database;
    private readonly CommitSignal _signal = new();
    private readonly RecentlyDeleted _deleted = new();
    private readonly SequenceGuard _sequences;
    private readonly GroupWriter _writer;

    public SqliteGenerationLog(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _sequences = new SequenceGuard(ReadLast);
        _writer = new GroupWriter(Commit, time);
    }

    /// <summary>Groups committed so far.</summary>
    public long Groups => _writer.Groups;

    /// <exception cref="InvalidOperationException">A sequence number does not follow the last one.</exception>
    /// <exception cref="Protocol.Errors.ParleyException">The disk is full or read-only; nothing of the group was written.</exception>
    public Task AppendAsync(IReadOnlyList<GenerationEvent> events, CancellationToken cancellationToken = default) =>
        events.Count == 0 ? Task.CompletedTask : _writer.WriteAsync(PendingWrite.Append(events), cancellationToken);

    public Task DeleteAsync(Guid generation, CancellationToken cancellationToken = default) =>
        _writer.WriteAsync(PendingWrite.Delete(generation), cancellationToken);

    public Task<IReadOnlyList<GenerationEvent>> ReadAsync(Guid generation, long after, CancellationToken cancellationToken = default) =>
        Task.FromResult(Read(generation, after));

    public async IAsyncEnumerable<GenerationEvent> FollowAsync(
        Guid generation, long after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The event that the reader has is read once more: if it was the last one, nothing will ever follow it.
        var last = after - 1;
        while (true)
        {
            // The signal is taken before the read: what is committed after the read raises it.
            var next = _signal.Next(generation);
            foreach (var entry in Read(generation, last))
            {
                last = entry.Sequence;
                if (last > after)
                {
                    yield return entry;
                }

                if (entry.Kind is GenerationEventKind.Completed or GenerationEventKind.Failed)
                {
                    yield break;
                }
            }

            if (_deleted.Has(generation))
            {
                yield break;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private void Commit(IReadOnlyList<PendingWrite> group)
    {
        try
        {
            _database.Write((connection, transaction) =>
            {
                using var insert = InsertCommand(connection, transaction);
                foreach (var write in group)
                {
                    Write(connection, transaction, insert, write);
                }
            });
        }
        catch
        {
            _sequences.Reject();
            throw;
        }

        _sequences.Accept(group);
        Guid[] deleted = [.. group.Select(write => write.Deleted).OfType<Guid>()];
        _deleted.Add(deleted);
        foreach (var generation in group.SelectMany(write => write.Events).Select(entry => entry.Generation).Concat(deleted).Distinct())
        {
            _signal.Raise(generation);
        }
    }

    private void Write(SqliteConnection connection, SqliteTransaction transaction, SqliteCommand insert, PendingWrite write)
    {
        if (write.Deleted is { } deleted)
        {
            using var delete = connection.CreateCommand();
            delete.Transaction = transaction;
            delete.CommandText = "DELETE FROM generation_events WHERE generation = $generation;";
            delete.Parameters.AddWithValue("$generation", deleted);
            delete.ExecuteNonQuery();
            _sequences.Forget(deleted);
            return;
        }

        if (!_sequences.TryFollow(write))
        {
            return;
        }

        foreach (var entry in write.Events)
        {
            insert.Parameters[0].Value = entry.Generation;
            insert.Parameters[1].Value = entry.Sequence;
            insert.Parameters[2].Value = entry.Json;
            insert.ExecuteNonQuery();
        }
    }

    private static SqliteCommand InsertCommand(SqliteConnection connection, SqliteTransaction transaction)
    {
        var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = "INSERT INTO generation_events (generation, sequence, event) VALUES ($generation, $sequence, $event);";
        insert.Parameters.Add("$generation", SqliteType.Text);
        insert.Parameters.Add("$sequence", SqliteType.Integer);
        insert.Parameters.Add("$event", SqliteType.Blob);
        return insert;
    }

    private IReadOnlyList<GenerationEvent> Read(Guid generation, long after) => _database.Run(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT event FROM generation_events WHERE generation = $generation AND sequence > $after ORDER BY sequence;";
        command.Parameters.AddWithValue("$generation", generation);
        command.Parameters.AddWithValue("$after", after);
        using var reader = command.ExecuteReader();
        var events = new List<GenerationEvent>();
        while (reader.Read())
        {
            events.Add(StoredEvent.Read(reader.GetFieldValue<byte[]>(0)));
        }

        return events;
    });

    private long ReadLast(Guid generation) => _database.Run(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(max(sequence), 0) FROM generation_events WHERE generation = $generation;";
        command.Parameters.AddWithValue("$generation", generation);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    });
}
