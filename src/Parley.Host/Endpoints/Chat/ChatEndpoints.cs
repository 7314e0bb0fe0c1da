using System.Text.Json;
using Parley.Chat;
using Parley.Chat.Conversations;
using Parley.Chat.Generations;
using Parley.Protocol.Errors;
using Parley.Protocol.Events;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.Chat;

/// <summary>
/// The routes of the page: conversations, messages, generations. Thin: each turns JSON into one call of the Chat room and its rows back into JSON.
/// </summary>
internal static class ChatEndpoints
{
    public static void MapChat(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/parley/v1");
        group.MapGet("/session", Session);
        MapConversations(group.MapGroup("/conversations"));
        MapGenerations(group.MapGroup("/generations"));
        group.MapGet("/events", Events);
    }

    private static void MapConversations(RouteGroupBuilder group)
    {
        group.MapGet("/", async (ConversationStore store, HttpContext http, int? limit, Guid? after) =>
        {
            var page = await store.ListAsync(http.Owner(), Limit(limit), after, http.RequestAborted);
            return Json(new ConversationListView([.. page.Conversations.Select(ConversationView.Of)], page.HasMore));
        });
        group.MapPost("/", async (ConversationStore store, IReplica replica, HttpContext http) =>
        {
            var body = await http.ReadAsync(ChatJson.Default.NewConversation);
            var model = body.Model ?? DefaultModel(replica) ?? throw ParleyException.NotFound("No model is being served; start Parley with --model.");
            return Json(ConversationView.Of(await store.CreateAsync(http.Owner(), body.Title, model, http.RequestAborted)), 201);
        });
        group.MapGet("/{id:guid}", async (ConversationStore store, GenerationReader reader, HttpContext http, Guid id) =>
            Json(await Detail(store, reader, http, id)));
        group.MapPatch("/{id:guid}", async (ConversationStore store, HttpContext http, Guid id) =>
        {
            var body = await http.ReadAsync(ChatJson.Default.ConversationChange);
            return Json(ConversationView.Of(await store.ChangeAsync(http.Owner(), id, body.Title, body.ActiveLeafId, http.RequestAborted)));
        });
        group.MapDelete("/{id:guid}", async (ConversationDeletion deletion, HttpContext http, Guid id) =>
        {
            await deletion.DeleteAsync(http.Owner(), id, http.RequestAborted);
            return Results.NoContent();
        });
        group.MapPost("/{id:guid}/messages", async (Turns turns, HttpContext http, Guid id) =>
        {
            var body = await http.ReadAsync(ChatJson.Default.NewMessage);
            return Json(TurnView.Of(await turns.SendAsync(http.Owner(), id, body.ParentId, body.Content, body.Settings, http.RequestAborted)), 201);
        });
        group.MapPost("/{id:guid}/messages/{message:guid}/regenerate", async (Turns turns, HttpContext http, Guid id, Guid message) =>
        {
            var body = await http.ReadAsync(ChatJson.Default.Regeneration);
            return Json(TurnView.Of(await turns.RegenerateAsync(http.Owner(), id, message, body.Settings, http.RequestAborted)), 201);
        });
        group.MapPost("/{id:guid}/messages/{message:guid}/feedback", async (ConversationStore store, HttpContext http, Guid id, Guid message) =>
        {
            var body = await http.ReadAsync(ChatJson.Default.Rating);
            await store.RateAsync(http.Owner(), id, message, body.Value, http.RequestAborted);
            return Results.NoContent();
        });
    }

    private static void MapGenerations(RouteGroupBuilder group)
    {
        group.MapGet("/{id:guid}/events", GenerationStream.WriteAsync);
        group.MapPost("/{id:guid}/stop", async (GenerationReader reader, GenerationRunner runner, HttpContext http, Guid id) =>
        {
            await reader.FindAsync(http.Owner(), id, http.RequestAborted);
            runner.Stop(id);
            return Results.StatusCode(202);
        });
        group.MapPost("/{id:guid}/continue", async (Turns turns, HttpContext http, Guid id) =>
            Json(TurnView.Of(await turns.ContinueAsync(http.Owner(), id, http.RequestAborted)), 201));
    }

    private static IResult Session(HttpContext http, IReplica replica)
    {
        var owner = http.Owner();
        var models = replica.Models.Select(model => new ModelView(model.Id, model.ContextLength, model.Parameters));
        return Json(new SessionView(owner.ProjectId, owner.UserId, [.. models], DefaultModel(replica)));
    }

    private static async Task<ConversationDetailView> Detail(ConversationStore store, GenerationReader reader, HttpContext http, Guid id)
    {
        var (row, messages) = await store.GetAsync(http.Owner(), id, http.RequestAborted);
        await reader.FillAsync(messages, http.RequestAborted);
        var head = ConversationView.Of(row);
        return new(head.Id, head.Title, head.Model, head.CreatedAt, head.UpdatedAt, head.ActiveLeafId, [.. messages.Select(MessageView.Of)]);
    }

    private static async Task<IResult> Events(IEventLog log, HttpContext http, long? after, int? limit)
    {
        var owner = http.Owner();
        var events = await log.ReadAsync(after ?? 0, Limit(limit), http.RequestAborted);
        return Json(new EventListView([.. events.Where(entry => entry.ProjectId == owner.ProjectId).Select(View)]));
    }

    private static EventView View(OutboxEvent entry) => new(
        entry.Offset, entry.Id, entry.Type, entry.Version, ViewTime.Seconds(entry.Time), entry.Subject, entry.GenerationId,
        JsonSerializer.Deserialize<JsonElement>(entry.Payload));

    private static string? DefaultModel(IReplica replica) => replica.Models.Count > 0 ? replica.Models[0].Id : null;

    private static int Limit(int? limit) => limit is null ? 50 : Math.Clamp(limit.Value, 1, 500);

    private static IResult Json<T>(T value, int status = 200) => Results.Json(value, ChatJson.Default, statusCode: status);
}
