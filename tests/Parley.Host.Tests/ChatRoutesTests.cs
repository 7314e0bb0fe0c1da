using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>The routes of the page as a browser uses them: JSON in, JSON and server-sent events out.</summary>
public sealed class ChatRoutesTests
{
    private static readonly string[] Script = ["Hello ", "to ", "you."];

    [Fact]
    public async Task A_message_streams_its_answer_and_the_conversation_keeps_it()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica(Script));
        var conversation = await NewConversationAsync(server);
        var (status, turn) = await server.PostAsync($"{conversation}/messages", """{"content": "Hi"}""");
        Assert.Equal(201, status);

        var events = await FollowAsync(server, (string)turn["generation_id"]!, after: 0);
        Assert.Equal(string.Concat(Script), string.Concat(events.Where(item => item.Kind == "delta").Select(item => (string)item.Data["text"]!)));
        Assert.Equal(["delta", "delta", "delta", "done"], events.Select(item => item.Kind));
        Assert.Equal([0, 6, 9], events.SkipLast(1).Select(item => (int)item.Data["offset"]!));
        Assert.Equal("completed", (string)events[^1].Data["status"]!);
        Assert.Equal(3, (int)events[^1].Data["usage"]!["completion_tokens"]!);

        var detail = await server.Http.GetFromJsonAsync<JsonNode>(conversation);
        Assert.Equal("Hi", (string)detail!["title"]!);
        Assert.Equal(["user", "assistant"], detail["messages"]!.AsArray().Select(message => (string)message!["role"]!));
        Assert.Equal(string.Concat(Script), (string)detail["messages"]![1]!["content"]!);
    }

    [Fact]
    public async Task A_reader_that_comes_back_names_its_last_number()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica(Script));
        var (_, turn) = await server.PostAsync($"{await NewConversationAsync(server)}/messages", """{"content": "Hi"}""");
        var generation = (string)turn["generation_id"]!;
        var all = await FollowAsync(server, generation, after: 0);
        var rest = await FollowAsync(server, generation, after: (long)all[0].Data["seq"]!);
        Assert.Equal(all.Skip(1).Select(item => item.Data.ToJsonString()), rest.Select(item => item.Data.ToJsonString()));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/parley/v1/generations/{generation}/events");
        request.Headers.Add("Last-Event-ID", (string)all[1].Id!);
        Assert.Equal(all.Skip(2).Select(item => item.Data.ToJsonString()), (await ReadAsync(server, request)).Select(item => item.Data.ToJsonString()));
    }

    [Fact]
    public async Task Stop_then_continue_ends_with_the_whole_answer()
    {
        using var gate = new SemaphoreSlim(1);
        await using var server = await TestServer.StartAsync(new ScriptedReplica(Script) { Gate = gate });
        var conversation = await NewConversationAsync(server);
        var (_, turn) = await server.PostAsync($"{conversation}/messages", """{"content": "Hi"}""");
        var generation = (string)turn["generation_id"]!;
        var following = FollowAsync(server, generation, after: 0);
        await Get<Chat.Generations.GenerationReader>(server).FirstPieceAsync(Guid.Parse(generation));
        using var stopped = await server.Http.PostAsync($"/parley/v1/generations/{generation}/stop", null);
        Assert.Equal(HttpStatusCode.Accepted, stopped.StatusCode);
        Assert.Equal("cancelled", (string)(await following)[^1].Data["status"]!);

        gate.Release(Script.Length);
        await Get<Chat.Generations.GenerationRunner>(server).WhenEnded(Guid.Parse(generation));
        var (status, continued) = await server.PostAsync($"/parley/v1/generations/{generation}/continue", "{}");
        Assert.Equal(201, status);
        var rest = await FollowAsync(server, (string)continued["generation_id"]!, after: 0);
        Assert.Equal(Script[0].Length, (int)rest[0].Data["offset"]!);
        Assert.Equal("completed", (string)rest[^1].Data["status"]!);
    }

    [Theory]
    [InlineData("""{"content": "Hi", "temperature": 3}""", "temperature")]
    [InlineData("""{"content": "Hi", "top_p": 0}""", "top_p")]
    [InlineData("""{"content": "Hi", "max_tokens": 0}""", "max_tokens")]
    [InlineData("""{"content": ""}""", "content")]
    [InlineData("""{"content": "Hi", "model": "gpt-9"}""", "model")]
    public async Task Bad_input_names_the_parameter(string body, string parameter)
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica(Script));
        var (status, answer) = await server.PostAsync($"{await NewConversationAsync(server)}/messages", body);
        Assert.InRange(status, 400, 404);
        Assert.Equal(parameter, (string)answer["error"]!["param"]!);
    }

    [Theory]
    [InlineData("""{"content": "Hi", "colour": "red"}""")]
    [InlineData("""{"content": """)]
    [InlineData("""["Hi"]""")]
    public async Task A_body_that_cannot_be_read_is_refused_in_one_sentence(string body)
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica(Script));
        var (status, answer) = await server.PostAsync($"{await NewConversationAsync(server)}/messages", body);
        Assert.Equal(400, status);
        Assert.NotEmpty((string)answer["error"]!["message"]!);
    }

    [Fact]
    public async Task What_is_deleted_is_gone()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica(Script));
        var conversation = await NewConversationAsync(server);
        await server.PostAsync($"{conversation}/messages", """{"content": "Hi"}""");
        using var deleted = await server.Http.DeleteAsync(conversation);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await server.Http.GetAsync(conversation);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    private static async Task<string> NewConversationAsync(TestServer server) =>
        $"/parley/v1/conversations/{(string)(await server.PostAsync("/parley/v1/conversations", "{}")).Body["id"]!}";

    private static T Get<T>(TestServer server)
        where T : notnull => server.Get<T>();

    private static async Task<List<(string Kind, string? Id, JsonNode Data)>> FollowAsync(TestServer server, string generation, long after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/parley/v1/generations/{generation}/events?after={after}");
        return await ReadAsync(server, request);
    }

    private static async Task<List<(string Kind, string? Id, JsonNode Data)>> ReadAsync(TestServer server, HttpRequestMessage request)
    {
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var events = new List<(string, string?, JsonNode)>();
        var parser = SseParser.Create(stream);
        await foreach (var item in parser.EnumerateAsync())
        {
            events.Add((item.EventType, item.EventId, JsonNode.Parse(item.Data)!));
        }

        return events;
    }
}

internal static class GenerationReaderWaiting
{
    /// <summary>Returns when the first piece of an answer is committed.</summary>
    public static async Task FirstPieceAsync(this Chat.Generations.GenerationReader reader, Guid generation)
    {
        var row = await reader.FindAsync(Chat.Owner.Local, generation, CancellationToken.None);
        await foreach (var _ in reader.FollowAsync(row, after: 0, CancellationToken.None))
        {
            return;
        }
    }
}
