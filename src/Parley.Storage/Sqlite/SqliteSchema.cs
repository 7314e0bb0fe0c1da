using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Parley.Storage;

/// <summary>
/// The tables that Storage owns: the generation log, the ledger and the outbox. The outbox's columns are those Entity Framework
/// gives <see cref="Protocol.Events.OutboxEvent"/>, because the contexts of other rooms write it in their own transactions.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>Script i brings version i to i + 1. A released script never changes; a new need is a new script.</summary>
    private static readonly string[] Scripts =
    [
        """
        CREATE TABLE generation_events (
            generation TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            event BLOB NOT NULL,
            PRIMARY KEY (generation, sequence)
        ) WITHOUT ROWID;

        CREATE TABLE ledger_entries (
            generation_id TEXT NOT NULL PRIMARY KEY,
            project_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            key_id TEXT NULL,
            model TEXT NOT NULL,
            model_version TEXT NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            cached_tokens INTEGER NOT NULL,
            cost INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            recorded TEXT NULL,
            started_at INTEGER NOT NULL,
            settled_at INTEGER NOT NULL
        );
        CREATE INDEX ledger_entries_by_project ON ledger_entries (project_id, settled_at);

        CREATE TABLE outbox (
            Offset INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            Id TEXT NOT NULL UNIQUE,
            Type TEXT NOT NULL,
            Version INTEGER NOT NULL,
            Time INTEGER NOT NULL,
            ProjectId TEXT NOT NULL,
            Subject TEXT NOT NULL,
            GenerationId TEXT NULL,
            Payload TEXT NOT NULL
        );
        CREATE INDEX outbox_by_generation ON outbox (GenerationId);
        """,
    ];

    public static void Apply(SqliteConnection connection)
    {
        Execute(connection, null, "CREATE TABLE IF NOT EXISTS storage_versions (version INTEGER NOT NULL PRIMARY KEY);");
        using var transaction = connection.BeginTransaction();
        for (var version = Current(connection, transaction); version < Scripts.Length; version++)
        {
            Execute(connection, transaction, Scripts[version]);
            Execute(connection, transaction, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO storage_versions VALUES ({version + 1});"));
        }

        transaction.Commit();
    }

    private static int Current(SqliteConnection connection, SqliteTransaction transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT coalesce(max(version), 0) FROM storage_versions;";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
