using Parley.Chat;
using Parley.Chat.Conversations;
using Parley.Chat.Generations;

namespace Parley.Host.Composition;

/// <summary>The Chat room's parts on the embedded storage.</summary>
internal static class ChatComposition
{
    public static IServiceCollection AddChat(this IServiceCollection services) => services
        .AddSqliteContext<ChatDbContext>()
        .AddSingleton<ConversationStore>()
        .AddSingleton<GenerationRunner>()
        .AddSingleton<GenerationReader>()
        .AddSingleton<InterruptedAnswers>()
        .AddSingleton<ConversationDeletion>()
        .AddSingleton<Turns>();
}
