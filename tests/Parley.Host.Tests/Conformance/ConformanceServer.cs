using System.ClientModel;
using System.Text.Json.Nodes;
using OpenAI.Chat;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Text;

namespace Parley.Host.Tests.Conformance;

/// <summary>One server for every call of the suite: "tiny" has random weights, "reciter" says what <see cref="Reciter"/> has written.</summary>
public sealed class ConformanceServer : IAsyncLifetime
{
    private static readonly BpeTokenizer Tokenizer = new BpeTrainer().Train(["the cat sat on the mat and the rat sat on the cat"], new() { VocabularySize = 280 });

    private readonly ComputeContext[] _contexts = [new(threads: 1), new(threads: 1)];
    private readonly LoadedModel[] _models = [new("tiny", Decoder.Initialize(Config, 3), Tokenizer), Reciter.Create()];
    private Replica[] _replicas = [];
    private TestServer? _server;

    internal TestServer Server => _server!;

    internal static BpeTokenizer TinyTokenizer => Tokenizer;

    internal ChatClient Tiny => Server.Client().GetChatClient("tiny");

    internal ChatClient Reciting => Server.Client().GetChatClient("reciter");

    private static ModelConfig Config => new()
    {
        VocabularySize = Tokenizer.VocabularySize,
        HiddenSize = 32,
        IntermediateSize = 48,
        Layers = 1,
        Heads = 2,
        KVHeads = 1,
        HeadDim = 16,
        ContextLength = 1024,
        TieEmbeddings = true,
    };

    public async ValueTask InitializeAsync()
    {
        _replicas = [.. _models.Zip(_contexts, (model, context) => new Replica(model, context))];
        _server = await TestServer.StartAsync(_replicas);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        Array.ForEach(_contexts, context => context.Dispose());
        Array.ForEach(_models, model => model.Dispose());
    }

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
