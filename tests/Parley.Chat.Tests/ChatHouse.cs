using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Chat.Conversations;
using Parley.Chat.Generations;
using Parley.Protocol.Generation;
using Parley.Storage;

namespace Parley.Chat.Tests;

/// <summary>The Chat room on a real SQLite file with a fake upstream. Leaving it undisposed and opening another on the same file is a crash.</summary>
internal sealed class ChatHouse : IAsyncDisposable, IDbContextFactory<ChatDbContext>
{
    private readonly SqliteDatabase _database;

    public ChatHouse(string file, IReplica replica)
    {
        var fresh = !File.Exists(file);
        _database = SqliteDatabase.Open(file);
        if (fresh)
        {
            using var context = CreateDbContext();
            context.GetService<IRelationalDatabaseCreator>().CreateTables();
        }

        Log = new SqliteGenerationLog(_database, TimeProvider.System);
        Events = new SqliteEventLog(_database, TimeProvider.System);
        Runner = new GenerationRunner(replica, Log, this, TimeProvider.System, NullLogger<GenerationRunner>.Instance);
        Turns = new Turns(this, Runner, replica, TimeProvider.System);
        Store = new ConversationStore(this, TimeProvider.System);
        Reader = new GenerationReader(this, Log);
    }

    public SqliteGenerationLog Log { get; }

    public SqliteEventLog Events { get; }

    public GenerationRunner Runner { get; }

    public Turns Turns { get; }

    public ConversationStore Store { get; }

    public GenerationReader Reader { get; }

    public ConversationDeletion Deletion => new(this, Runner, Log, TimeProvider.System);

    public InterruptedAnswers Interrupted => new(this, Log, TimeProvider.System);

    /// <summary>When set, called once before the next rows are written: what another call does in between.</summary>
    public Func<Task>? Meanwhile { get; set; }

    public ChatDbContext CreateDbContext() =>
        new(new DbContextOptionsBuilder<ChatDbContext>().UseSqlite(_database.ConnectionString).AddInterceptors(new Interruption(this)).Options);

    public Task<Conversation> ConversationAsync() => Store.CreateAsync(Owner.Local, null, Testing.ScriptedReplica.ModelId, CancellationToken.None);

    public Task<StartedTurn> SendAsync(Conversation conversation, string text, Guid? parent = null) =>
        Turns.SendAsync(Owner.Local, conversation.Id, parent, text, new TurnSettings(Seed: 1), CancellationToken.None);

    /// <summary>The message as it stands once its run has ended.</summary>
    public async Task<ConversationMessage> EndedAsync(StartedTurn turn)
    {
        await Runner.WhenEnded(turn.GenerationId);
        await using var context = CreateDbContext();
        return await context.Messages.SingleAsync(row => row.Id == turn.AssistantMessage.Id);
    }

    /// <summary>Everything a reader that has seen <paramref name="after"/> gets until the end.</summary>
    public async Task<List<AnswerPiece>> FollowAsync(Guid generation, long after)
    {
        var row = await Reader.FindAsync(Owner.Local, generation, CancellationToken.None);
        var pieces = new List<AnswerPiece>();
        await foreach (var piece in Reader.FollowAsync(row, after, CancellationToken.None))
        {
            pieces.Add(piece);
        }

        return pieces;
    }

    public async ValueTask DisposeAsync()
    {
        await Runner.DisposeAsync();
        await Log.DisposeAsync();
        _database.Dispose();
    }

    private sealed class Interruption(ChatHouse house) : SaveChangesInterceptor
    {
        public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            var meanwhile = house.Meanwhile;
            house.Meanwhile = null;
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
            return result;
        }
    }
}
