using System.Data.Common;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Accounting;

namespace Parley.Storage;

/// <summary>The ledger's settled entries in SQLite. The primary key is the generation, so an entry is written once whoever tries again.</summary>
public sealed class SqliteLedgerStore(SqliteDatabase database) : ILedgerStore
{
    private const string Columns =
        "generation_id, project_id, user_id, key_id, model, model_version, prompt_tokens, output_tokens, cached_tokens, cost, outcome, recorded, started_at, settled_at";

    public Task SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken = default)
    {
        database.Write((connection, transaction) =>
        {
            foreach (var settlement in settlements)
            {
                if (Insert(connection, transaction, settlement.Entry) && settlement.Event is { } told)
                {
                    SqliteEventLog.Insert(connection, transaction, told);
                }
            }
        });
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<LedgerEntry>> ReadAsync(string projectId, int limit, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<LedgerEntry>>(database.Run(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                $"SELECT {Columns} FROM ledger_entries WHERE project_id = $project ORDER BY settled_at DESC, generation_id DESC LIMIT $limit;";
            command.Parameters.AddWithValue("$project", projectId);
            command.Parameters.AddWithValue("$limit", limit);
            using var reader = command.ExecuteReader();
            var entries = new List<LedgerEntry>();
            while (reader.Read())
            {
                entries.Add(Row(reader));
            }

            return entries;
        }));

    public Task<LedgerEntry?> FindAsync(Guid generationId, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Run(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT {Columns} FROM ledger_entries WHERE generation_id = $generation;";
            command.Parameters.AddWithValue("$generation", generationId);
            using var reader = command.ExecuteReader();
            return reader.Read() ? Row(reader) : null;
        }));

    private static bool Insert(SqliteConnection connection, SqliteTransaction transaction, LedgerEntry entry)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText =
            $"""
            INSERT INTO ledger_entries ({Columns})
            VALUES ($generation, $project, $user, $key, $model, $version, $prompt, $output, $cached, $cost, $outcome, $recorded, $started, $settled)
            ON CONFLICT (generation_id) DO NOTHING;
            """;
        command.Parameters.AddWithValue("$generation", entry.GenerationId);
        command.Parameters.AddWithValue("$project", entry.ProjectId);
        command.Parameters.AddWithValue("$user", entry.UserId);
        command.Parameters.AddWithValue("$key", (object?)entry.KeyId ?? DBNull.Value);
        command.Parameters.AddWithValue("$model", entry.Model);
        command.Parameters.AddWithValue("$version", entry.ModelVersion);
        command.Parameters.AddWithValue("$prompt", entry.PromptTokens);
        command.Parameters.AddWithValue("$output", entry.OutputTokens);
        command.Parameters.AddWithValue("$cached", entry.CachedTokens);
        command.Parameters.AddWithValue("$cost", entry.Cost);
        command.Parameters.AddWithValue("$outcome", entry.Outcome);
        command.Parameters.AddWithValue("$recorded", (object?)entry.Recorded ?? DBNull.Value);
        command.Parameters.AddWithValue("$started", entry.StartedAt);
        command.Parameters.AddWithValue("$settled", entry.SettledAt);
        return command.ExecuteNonQuery() == 1;
    }

    private static LedgerEntry Row(DbDataReader reader) => new()
    {
        GenerationId = reader.GetGuid(0),
        ProjectId = reader.GetString(1),
        UserId = reader.GetString(2),
        KeyId = reader.IsDBNull(3) ? null : reader.GetGuid(3),
        Model = reader.GetString(4),
        ModelVersion = reader.GetString(5),
        PromptTokens = reader.GetInt32(6),
        OutputTokens = reader.GetInt32(7),
        CachedTokens = reader.GetInt32(8),
        Cost = reader.GetInt64(9),
        Outcome = reader.GetString(10),
        Recorded = reader.IsDBNull(11) ? null : reader.GetString(11),
        StartedAt = reader.GetInt64(12),
        SettledAt = reader.GetInt64(13),
    };
}
