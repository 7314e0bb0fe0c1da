using System.ClientModel;
using System.Text.Json.Nodes;
using OpenAI.Chat;

namespace Parley.Host.Tests.Conformance;

/// <summary>One server for every call of the suite: "tiny" has random weights, "reciter" says what <see cref="Reciter"/> has written.</summary>
public sealed class ConformanceServer : IAsyncLifetime
{
    private readonly ModelServer _models = new ModelServer().With(TinyModel.Create(contextLength: 1024)).With(Reciter.Create());

    internal TestServer Server => _models.Server;

    internal ChatClient Tiny => Server.Client().GetChatClient("tiny");

    internal ChatClient Reciting => Server.Client().GetChatClient("reciter");

    public ValueTask InitializeAsync() => _models.StartAsync();

    public ValueTask DisposeAsync() => _models.DisposeAsync();

    /// <summary>The official client with a body of its own, for what its types do not know.</summary>
    internal async Task<JsonNode> CompleteAsync(string model, string messages, string more = "")
    {
        var body = $$"""{"model":"{{model}}","messages":{{messages}}{{(more.Length > 0 ? "," + more : "")}}}""";
        var answer = await Server.Client().GetChatClient(model).CompleteChatAsync(BinaryContent.Create(BinaryData.FromString(body)));
        return JsonNode.Parse(answer.GetRawResponse().Content.ToString())!;
    }

    /// <summary>As above; the answer is refused with 400 and names a parameter.</summary>
    internal async Task<JsonNode> RefusedAsync(string model, string messages, string more = "")
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => CompleteAsync(model, messages, more));
        Assert.Equal(400, error.Status);
        return JsonNode.Parse(error.GetRawResponse()!.Content.ToString())!["error"]!;
    }

    /// <summary>All pieces of a stream as JSON, without the closing mark.</summary>
    internal async Task<JsonNode[]> StreamAsync(string path, string body)
    {
        using var answer = await Server.Http.PostAsync(path, new StringContent(body));
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", lines[^1]);
        return [.. lines[..^1].Select(line => JsonNode.Parse(line["data: ".Length..])!)];
    }
}

[CollectionDefinition(Name)]
public sealed class ConformanceSuite : ICollectionFixture<ConformanceServer>
{
    public const string Name = "conformance";
}
