using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Parley.Chat;
using Parley.Gateway;
using Parley.Host.Composition;
using Parley.Storage;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>Migrations are written by hand: what they build must be what the models say, column by column and index by index.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Gateway_migrations_build_the_model() => await CompareAsync<GatewayDbContext>(options => new GatewayDbContext(options));

    [Fact]
    public async Task Chat_migrations_build_the_model() => await CompareAsync<ChatDbContext>(options => new ChatDbContext(options));

    [Fact]
    public void The_outbox_has_the_columns_that_contexts_write()
    {
        using var database = SqliteDatabase.Open(_folder.File("storage.db"));
        using var context = new GatewayDbContext(Options<GatewayDbContext>(database));
        var mapped = context.Model.FindEntityType(typeof(Protocol.Events.OutboxEvent))!.GetProperties().Select(property => property.GetColumnName());
        Assert.Equal(mapped.Order(StringComparer.Ordinal), Query(database, "SELECT name FROM pragma_table_info('outbox')").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_migration_lock_left_by_a_killed_process_does_not_stop_the_next()
    {
        using var database = SqliteDatabase.Open(_folder.File("parley.db"));
        Query(database, "CREATE TABLE \"__EFMigrationsLock\" (Id INTEGER PRIMARY KEY, Timestamp TEXT); INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01');");
        await MigrateAsync<GatewayDbContext>(database, options => new GatewayDbContext(options));
        Assert.Contains("api_keys", Query(database, "SELECT name FROM sqlite_master"));
    }

    private async Task CompareAsync<TContext>(Func<DbContextOptions<TContext>, TContext> create)
        where TContext : DbContext
    {
        using var migrated = new SqliteDatabase(_folder.File("migrated.db"));
        await MigrateAsync(migrated, create);
        using var created = new SqliteDatabase(_folder.File("created.db"));
        await using (var context = create(Options<TContext>(created)))
        {
            await context.Database.EnsureCreatedAsync();
        }

        Assert.Equal(Shape(created), Shape(migrated));
    }

    private static async Task MigrateAsync<TContext>(SqliteDatabase database, Func<DbContextOptions<TContext>, TContext> create)
        where TContext : DbContext =>
        await new MigratedContext<TContext>(new Factory<TContext>(() => create(Options<TContext>(database)))).MigrateAsync(default);

    private static DbContextOptions<TContext> Options<TContext>(SqliteDatabase database)
        where TContext : DbContext =>
        (DbContextOptions<TContext>)StorageComposition.Configure(new DbContextOptionsBuilder<TContext>(), database, typeof(TContext).Name).Options;

    /// <summary>Columns, indices and foreign keys of every table that is the model's.</summary>
    private static IReadOnlyList<string> Shape(SqliteDatabase database) => Query(
        database,
        """
        WITH tables AS (SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'migrations_of_%' AND name NOT LIKE '\_\_%' ESCAPE '\' AND name NOT LIKE 'sqlite_%')
        SELECT t.name || '.' || c.name || ' ' || c.type || ' null=' || (1 - c."notnull") || ' key=' || c.pk FROM tables t, pragma_table_info(t.name) c
        UNION ALL SELECT t.name || ' index ' || i.name || ' unique=' || i."unique" || ' on ' || (SELECT group_concat(name) FROM pragma_index_info(i.name)) FROM tables t, pragma_index_list(t.name) i
        UNION ALL SELECT t.name || ' key ' || f."from" || '->' || f."table" || ' ' || f.on_delete FROM tables t, pragma_foreign_key_list(t.name) f
        ORDER BY 1
        """);

    private static List<string> Query(SqliteDatabase database, string sql)
    {
        using var connection = database.Connect();
        using var command = new SqliteCommand(sql, connection);
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private sealed class Factory<TContext>(Func<TContext> create) : IDbContextFactory<TContext>
        where TContext : DbContext
    {
        public TContext CreateDbContext() => create();
    }
}
