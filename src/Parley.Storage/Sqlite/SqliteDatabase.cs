using Microsoft.Data.Sqlite;

namespace Parley.Storage;

/// <summary>
/// Connections to the one file <c>parley.db</c>. Knows how a connection must be set up and which tables Storage itself owns; the tables of
/// other rooms come by their own migrations.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    public const string FileName = "parley.db";

    /// <summary>
    /// WAL lets readers go on while one writes. synchronous=NORMAL leaves out the fsync of each commit: a commit is handed to the
    /// kernel before it returns, so a killed process (kill -9 too) loses no committed transaction and the file is never torn; only a power
    /// loss may take the last moments. busy_timeout makes a writer wait for another in steps of milliseconds.
    /// </summary>
    private const string ConnectionPragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=10000;";

    public SqliteDatabase(string path)
    {
        Path = path;
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 30 }.ToString();
    }

    public string Path { get; }

    /// <summary>For Entity Framework contexts on the same file; pass each opened connection to <see cref="Prepare"/>.</summary>
    public string ConnectionString { get; }

    /// <summary>Opens the file and brings Storage's own tables up to date.</summary>
    /// <exception cref="Protocol.Errors.ParleyException">Full disk, read-only, damaged: one sentence.</exception>
    public static SqliteDatabase Open(string path)
    {
        var database = new SqliteDatabase(path);
        try
        {
            using var connection = database.Connect();
            SqliteSchema.Apply(connection);
            return database;
        }
        catch (Exception error) when (error is SqliteException or IOException)
        {
            throw StorageFailures.Describe(error, path)!;
        }
    }

    /// <summary>An open connection, set up; the caller disposes it, which returns it to the pool.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        Prepare(connection);
        return connection;
    }

    /// <summary>Runs <paramref name="work"/> on a connection of its own.</summary>
    /// <exception cref="Protocol.Errors.ParleyException">SQLite refused; one sentence.</exception>
    public T Run<T>(Func<SqliteConnection, T> work)
    {
        try
        {
            using var connection = Connect();
            return work(connection);
        }
        catch (SqliteException error)
        {
            throw StorageFailures.Describe(error, Path)!;
        }
    }

    /// <summary>Runs <paramref name="work"/> in one write transaction.</summary>
    /// <exception cref="Protocol.Errors.ParleyException">SQLite refused and nothing was written; one sentence.</exception>
    public void Write(Action<SqliteConnection, SqliteTransaction> work) => Run(connection =>
    {
        using var transaction = connection.BeginTransaction();
        work(connection, transaction);
        transaction.Commit();
        return true;
    });

    /// <summary>Sets a freshly opened connection up.</summary>
    public static void Prepare(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = ConnectionPragmas;
        command.ExecuteNonQuery();
    }

    /// <summary>Closes pooled connections, so that the file can be moved or removed.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }
}
