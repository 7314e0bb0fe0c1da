using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Parley.Chat;

namespace Parley.Host.Migrations.Sqlite.Chat;

/// <summary>Chat's first tables: conversations, messages, the runs behind the answers.</summary>
[DbContext(typeof(ChatDbContext))]
[Migration("20261122000000_Initial")]
internal sealed class Initial : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "conversations",
            columns: table => new
            {
                Id = table.Column<Guid>(type: "TEXT", nullable: false),
                ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                UserId = table.Column<string>(type: "TEXT", nullable: false),
                Title = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                Model = table.Column<string>(type: "TEXT", nullable: false),
                ActiveLeafId = table.Column<Guid>(type: "TEXT", nullable: true),
                CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                UpdatedAt = table.Column<long>(type: "INTEGER", nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_conversations", x => x.Id));
        migrationBuilder.CreateTable(
            name: "messages",
            columns: table => new
            {
                Id = table.Column<Guid>(type: "TEXT", nullable: false),
                ConversationId = table.Column<Guid>(type: "TEXT", nullable: false),
                ParentId = table.Column<Guid>(type: "TEXT", nullable: true),
                ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                UserId = table.Column<string>(type: "TEXT", nullable: false),
                Author = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                Content = table.Column<string>(type: "TEXT", nullable: false),
                GenerationId = table.Column<Guid>(type: "TEXT", nullable: true),
                Status = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                FinishReason = table.Column<string>(type: "TEXT", nullable: true),
                Error = table.Column<string>(type: "TEXT", nullable: true),
                Model = table.Column<string>(type: "TEXT", nullable: true),
                ModelVersion = table.Column<string>(type: "TEXT", nullable: true),
                PromptTokens = table.Column<int>(type: "INTEGER", nullable: true),
                OutputTokens = table.Column<int>(type: "INTEGER", nullable: true),
                Feedback = table.Column<string>(type: "TEXT", nullable: true),
                CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_messages", x => x.Id);
                table.ForeignKey("FK_messages_conversations_ConversationId", x => x.ConversationId, "conversations", "Id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateTable(
            name: "chat_generations",
            columns: table => new
            {
                Id = table.Column<Guid>(type: "TEXT", nullable: false),
                MessageId = table.Column<Guid>(type: "TEXT", nullable: false),
                ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                UserId = table.Column<string>(type: "TEXT", nullable: false),
                Ordinal = table.Column<int>(type: "INTEGER", nullable: false),
                Offset = table.Column<int>(type: "INTEGER", nullable: false),
                Model = table.Column<string>(type: "TEXT", nullable: false),
                Seed = table.Column<long>(type: "INTEGER", nullable: false),
                Temperature = table.Column<float>(type: "REAL", nullable: false),
                TopP = table.Column<float>(type: "REAL", nullable: false),
                MaxOutputTokens = table.Column<int>(type: "INTEGER", nullable: true),
                CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_chat_generations", x => x.Id);
                table.ForeignKey("FK_chat_generations_messages_MessageId", x => x.MessageId, "messages", "Id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("IX_conversations_ProjectId_UserId_UpdatedAt", "conversations", ["ProjectId", "UserId", "UpdatedAt"]);
        migrationBuilder.CreateIndex("IX_messages_ConversationId", "messages", "ConversationId");
        migrationBuilder.CreateIndex("IX_messages_Status", "messages", "Status");
        migrationBuilder.CreateIndex("IX_chat_generations_MessageId", "chat_generations", "MessageId");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("chat_generations");
        migrationBuilder.DropTable("messages");
        migrationBuilder.DropTable("conversations");
    }
}
