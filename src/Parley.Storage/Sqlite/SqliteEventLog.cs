using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Events;

namespace Parley.Storage;

/// <summary>
/// The domain event log of one machine: the outbox table itself. Other rooms write that table through their own contexts, so a subscriber
/// looks for news at intervals. SQLite has one writer at a time; offsets therefore become visible in rising order.
/// </summary>
public sealed class SqliteEventLog(SqliteDatabase database, TimeProvider time) : IEventLog
{
    private const int Page = 256;

    /// <summary>How long a subscriber may lag behind a commit.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    public Task AppendAsync(IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken = default)
    {
        database.Write((connection, transaction) =>
        {
            foreach (var entry in events)
            {
                Insert(connection, transaction, entry);
            }
        });
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<OutboxEvent>> ReadAsync(long offset, int limit, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Run(connection => Read(connection, offset, limit)));

    public async IAsyncEnumerable<OutboxEvent> SubscribeAsync(long offset, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var page = await ReadAsync(offset, Page, cancellationToken);
            foreach (var entry in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return entry;
                offset = entry.Offset;
            }

            if (page.Count == 0)
            {
                await Task.Delay(PollInterval, time, cancellationToken);
            }
        }
    }

    /// <summary>Writes one event inside a transaction of this room; an event already there stays as it is.</summary>
    internal static void Insert(SqliteConnection connection, SqliteTransaction transaction, OutboxEvent entry)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText =
            """
            INSERT INTO outbox (Id, Type, Version, Time, ProjectId, Subject, GenerationId, Payload)
            VALUES ($id, $type, $version, $time, $project, $subject, $generation, $payload)
            ON CONFLICT (Id) DO NOTHING;
            """;
        command.Parameters.AddWithValue("$id", entry.Id);
        command.Parameters.AddWithValue("$type", entry.Type);
        command.Parameters.AddWithValue("$version", entry.Version);
        command.Parameters.AddWithValue("$time", entry.Time);
        command.Parameters.AddWithValue("$project", entry.ProjectId);
        command.Parameters.AddWithValue("$subject", entry.Subject);
        command.Parameters.AddWithValue("$generation", (object?)entry.GenerationId ?? DBNull.Value);
        command.Parameters.AddWithValue("$payload", entry.Payload);
        command.ExecuteNonQuery();
    }

    private static IReadOnlyList<OutboxEvent> Read(SqliteConnection connection, long offset, int limit)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT Offset, Id, Type, Version, Time, ProjectId, Subject, GenerationId, Payload
            FROM outbox WHERE Offset > $offset ORDER BY Offset LIMIT $limit;
            """;
        command.Parameters.AddWithValue("$offset", offset);
        command.Parameters.AddWithValue("$limit", limit);
        using var reader = command.ExecuteReader();
        var events = new List<OutboxEvent>();
        while (reader.Read())
        {
            events.Add(Row(reader));
        }

        return events;
    }

    private static OutboxEvent Row(DbDataReader reader) => new()
    {
        Offset = reader.GetInt64(0),
        Id = reader.GetGuid(1),
        Type = reader.GetString(2),
        Version = reader.GetInt32(3),
        Time = reader.GetInt64(4),
        ProjectId = reader.GetString(5),
        Subject = reader.GetString(6),
        GenerationId = reader.IsDBNull(7) ? null : reader.GetGuid(7),
        Payload = reader.GetString(8),
    };
}
