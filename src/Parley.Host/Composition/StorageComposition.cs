using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Parley.Protocol.Accounting;
using Parley.Protocol.Events;
using Parley.Protocol.Logs;
using Parley.Storage;

namespace Parley.Host.Composition;

/// <summary>Puts SQLite behind Protocol's seams and behind the Entity Framework contexts of the other rooms: one file for all.</summary>
internal static class StorageComposition
{
    /// <summary>The embedded storage on the file at <paramref name="path"/>, opened when it is first needed.</summary>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, string path) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton(_ => SqliteDatabase.Open(path))
        .AddSingleton<SqliteGenerationLog>()
        .AddSingleton<IGenerationLog>(provider => provider.GetRequiredService<SqliteGenerationLog>())
        .AddSingleton<IEventLog, SqliteEventLog>()
        .AddSingleton<ILedgerStore, SqliteLedgerStore>()
        .AddSingleton<DatabaseMigrator>();

    /// <summary>A room's context on the same file: its factory, and its migrations at start.</summary>
    public static IServiceCollection AddSqliteContext<TContext>(this IServiceCollection services)
        where TContext : DbContext
    {
        services.AddPooledDbContextFactory<TContext>((provider, options) => Configure(options, provider.GetRequiredService<SqliteDatabase>(), typeof(TContext).Name));
        return services.AddSingleton<IMigratedContext, MigratedContext<TContext>>();
    }

    /// <summary>The options of a context on <paramref name="database"/>; each context keeps a migration history of its own.</summary>
    internal static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, SqliteDatabase database, string contextName) => options
        .UseSqlite(database.ConnectionString, sqlite => sqlite
            .MigrationsAssembly(typeof(StorageComposition).Assembly.GetName().Name)
            .MigrationsHistoryTable("migrations_of_" + contextName))
        .AddInterceptors(ConnectionSetup.Instance)

        // Migrations are written by hand, without a model snapshot; a test compares what they build with the model instead.
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
}
