using System.Text.Json.Serialization;

namespace Parley.Host.Endpoints.Chat;

/// <summary>The wire form of the page's routes: snake_case, unknown members refused by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(ConversationView))]
[JsonSerializable(typeof(ConversationDetailView))]
[JsonSerializable(typeof(ConversationListView))]
[JsonSerializable(typeof(NewConversation))]
[JsonSerializable(typeof(ConversationChange))]
[JsonSerializable(typeof(NewMessage))]
[JsonSerializable(typeof(Regeneration))]
[JsonSerializable(typeof(Rating))]
[JsonSerializable(typeof(TurnView))]
[JsonSerializable(typeof(DeltaView))]
[JsonSerializable(typeof(DoneView))]
[JsonSerializable(typeof(EventListView))]
internal sealed partial class ChatJson : JsonSerializerContext;
