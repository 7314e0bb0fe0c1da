using Microsoft.EntityFrameworkCore;
using Parley.Chat.Conversations;
using Parley.Chat.Generations;
using Parley.Protocol.Events;

namespace Parley.Chat;

/// <summary>What Chat keeps: conversations, their messages, the runs behind each answer. Provider-neutral; migrations live with the host.</summary>
public sealed class ChatDbContext(DbContextOptions<ChatDbContext> options) : DbContext(options)
{
    public DbSet<Conversation> Conversations => Set<Conversation>();

    public DbSet<ConversationMessage> Messages => Set<ConversationMessage>();

    public DbSet<GenerationRow> Generations => Set<GenerationRow>();

    /// <summary>The outbox is shared: what happened is written in the transaction of the rows it happened to.</summary>
    public DbSet<OutboxEvent> Outbox => Set<OutboxEvent>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Conversation>(conversation =>
        {
            conversation.ToTable("conversations");
            conversation.Property(row => row.Title).HasMaxLength(Conversation.MaxTitleLength);
            conversation.HasIndex(row => new { row.ProjectId, row.UserId, row.UpdatedAt });
        });
        modelBuilder.Entity<ConversationMessage>(message =>
        {
            message.ToTable("messages");
            message.Property(row => row.Author).HasConversion<string>().HasMaxLength(16);
            message.Property(row => row.Status).HasConversion<string>().HasMaxLength(16);
            message.HasIndex(row => row.ConversationId);
            message.HasIndex(row => row.Status);
            message.HasOne<Conversation>().WithMany().HasForeignKey(row => row.ConversationId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<GenerationRow>(generation =>
        {
            generation.ToTable("chat_generations");
            generation.HasIndex(row => row.MessageId);
            generation.HasOne<ConversationMessage>().WithMany().HasForeignKey(row => row.MessageId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<OutboxEvent>(outbox =>
        {
            outbox.ToTable("outbox", table => table.ExcludeFromMigrations());
            outbox.HasKey(row => row.Offset);
            outbox.Property(row => row.Offset).ValueGeneratedOnAdd();
        });
    }
}
