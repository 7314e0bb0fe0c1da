using Microsoft.EntityFrameworkCore;
using Parley.Gateway.Keys;
using Parley.Protocol.Events;

namespace Parley.Gateway;

/// <summary>What the gateway keeps in rows: API keys. Provider-neutral; migrations live with the host. The ledger's entries are behind ILedgerStore.</summary>
public sealed class GatewayDbContext(DbContextOptions<GatewayDbContext> options) : DbContext(options)
{
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    /// <summary>The outbox is shared: what happened is written in the transaction of the rows it happened to.</summary>
    public DbSet<OutboxEvent> Outbox => Set<OutboxEvent>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ApiKey>(key =>
        {
            key.ToTable("api_keys");
            key.Property(row => row.Name).HasMaxLength(ApiKey.MaxNameLength);
            key.Property(row => row.Prefix).HasMaxLength(32);
            key.Property(row => row.Hash).HasMaxLength(64);
            key.HasIndex(row => row.Hash).IsUnique();
            key.HasIndex(row => row.ProjectId);
        });
        modelBuilder.Entity<OutboxEvent>(outbox =>
        {
            outbox.ToTable("outbox", table => table.ExcludeFromMigrations());
            outbox.HasKey(row => row.Offset);
            outbox.Property(row => row.Offset).ValueGeneratedOnAdd();
        });
    }
}
