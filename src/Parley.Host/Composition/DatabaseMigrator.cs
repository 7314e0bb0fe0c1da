using Microsoft.EntityFrameworkCore;
using Parley.Storage;

namespace Parley.Host.Composition;

/// <summary>Brings the tables of every registered context up to date, before anything else may use them.</summary>
internal sealed class DatabaseMigrator(SqliteDatabase database, IEnumerable<IMigratedContext> contexts)
{
    /// <exception cref="Protocol.Errors.ParleyException">Full disk, read-only, damaged: one sentence.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var context in contexts)
            {
                await context.MigrateAsync(cancellationToken);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException && StorageFailures.Describe(error, database.Path) is { } sentence)
        {
            throw sentence;
        }
    }
}

/// <summary>A context whose migrations are applied at start.</summary>
internal interface IMigratedContext
{
    Task MigrateAsync(CancellationToken cancellationToken);
}

/// <inheritdoc cref="IMigratedContext"/>
internal sealed class MigratedContext<TContext>(IDbContextFactory<TContext> contexts) : IMigratedContext
    where TContext : DbContext
{
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if ((await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
        {
            // Entity Framework keeps others out by a row in this table, which a killed process leaves behind and the next would wait for
            // without end. Migrations run in a transaction each, so dropping a left-over lock is safe.
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\";", cancellationToken);
            await context.Database.MigrateAsync(cancellationToken);
        }
    }
}
