using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Parley.Chat;

namespace Parley.Host.Migrations.Sqlite.Chat;

/// <summary>What models think before they answer is kept beside the answer.</summary>
[DbContext(typeof(ChatDbContext))]
[Migration("20261122120000_Reasoning")]
internal sealed class Reasoning : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("Reasoning", "messages", type: "TEXT", nullable: true);
        migrationBuilder.AddColumn<int>("ReasoningOffset", "chat_generations", type: "INTEGER", nullable: false, defaultValue: 0);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropColumn("ReasoningOffset", "chat_generations");
        migrationBuilder.DropColumn("Reasoning", "messages");
    }
}
