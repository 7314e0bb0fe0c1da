using System.ClientModel;
using System.Globalization;
using OpenAI.Embeddings;

namespace Parley.Host.Tests;

/// <summary>The official client, and plain HTTP, against the embeddings of a tiny decoder with random weights.</summary>
public sealed class EmbeddingsTests : IAsyncLifetime
{
    private readonly ModelServer _models = new ModelServer().With(TinyModel.Create(contextLength: 64));

    private TestServer Server => _models.Server;

    private EmbeddingClient Client => Server.Client().GetEmbeddingClient("tiny");

    public ValueTask InitializeAsync() => _models.StartAsync();

    public ValueTask DisposeAsync() => _models.DisposeAsync();

    [Fact]
    public async Task The_official_client_gets_vectors_of_length_one_in_the_order_of_its_inputs()
    {
        string[] texts = ["the cat", "sat on the mat", "the cat"];
        OpenAIEmbeddingCollection many = await Client.GenerateEmbeddingsAsync(texts);
        OpenAIEmbedding one = await Client.GenerateEmbeddingAsync("sat on the mat");
        Assert.Equal([0, 1, 2], many.Select(embedding => embedding.Index));
        Assert.Equal(one.ToFloats().ToArray(), many[1].ToFloats().ToArray());
        Assert.Equal(many[0].ToFloats().ToArray(), many[2].ToFloats().ToArray());
        Assert.NotEqual(many[0].ToFloats().ToArray(), many[1].ToFloats().ToArray());
        Assert.Equal(1, Length(one.ToFloats().ToArray()), 1e-6);
        var tokens = texts.Sum(text => TinyModel.Tokenizer.Encode(text).Length);
        Assert.Equal((tokens, tokens), (many.Usage.InputTokenCount, many.Usage.TotalTokenCount));
        var entries = await Server.EntriesAsync(2);
        Assert.Equal(tokens, entries.Max(entry => entry.PromptTokens));
        Assert.All(entries, entry => Assert.Equal(0, entry.OutputTokens));
    }

    [Fact]
    public async Task Dimensions_keep_the_first_elements_at_length_one()
    {
        OpenAIEmbedding whole = await Client.GenerateEmbeddingAsync("the rat");
        OpenAIEmbedding part = await Client.GenerateEmbeddingAsync("the rat", new EmbeddingGenerationOptions { Dimensions = 5 });
        var first = whole.ToFloats()[..5].ToArray();
        Assert.Equal(first.Select(value => value / Length(first)).ToArray(), part.ToFloats().ToArray().Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public async Task Token_ids_and_text_numbers_and_base64_are_the_same_vector()
    {
        var ids = string.Join(',', TinyModel.Tokenizer.Encode("the cat sat"));
        var numbers = await Vector($$"""{"model":"tiny","input":"the cat sat"}""");
        Assert.Equal(numbers, await Vector($$"""{"model":"tiny","input":[{{ids}}],"encoding_format":"float","user":"u"}"""));
        Assert.Equal(numbers, await Vector($$"""{"model":"tiny","input":[[{{ids}}]],"encoding_format":"base64"}"""));
        Assert.NotEqual(numbers, await Vector("""{"model":"tiny","input":"the cat sat","pooling":"mean"}"""));
    }

    [Fact]
    public async Task More_inputs_than_may_wait_are_served_in_turn()
    {
        var texts = Enumerable.Range(0, 400).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        OpenAIEmbeddingCollection many = await Client.GenerateEmbeddingsAsync(texts);
        Assert.Equal(400, many.Count);
        OpenAIEmbedding one = await Client.GenerateEmbeddingAsync("399");
        Assert.Equal(one.ToFloats().ToArray(), many[399].ToFloats().ToArray());
    }

    [Theory]
    [InlineData("""{"model":"tiny"}""", "input", null)]
    [InlineData("""{"model":"tiny","input":""}""", "input", "invalid_value")]
    [InlineData("""{"model":"tiny","input":[]}""", "input", "invalid_value")]
    [InlineData("""{"model":"tiny","input":["a",""]}""", "input[1]", "invalid_value")]
    [InlineData("""{"model":"tiny","input":[[1,2],[100000]]}""", "input[1]", null)]
    [InlineData("""{"model":"tiny","input":["a",7]}""", "input[1]", "invalid_type")]
    [InlineData("""{"model":"tiny","input":"a","dimensions":33}""", "dimensions", "invalid_value")]
    [InlineData("""{"model":"tiny","input":"a","dimensions":0}""", "dimensions", "invalid_value")]
    [InlineData("""{"model":"tiny","input":"a","encoding_format":"hex"}""", "encoding_format", "invalid_value")]
    [InlineData("""{"model":"tiny","input":"a","pooling":"max"}""", "pooling", "invalid_value")]
    [InlineData("""{"model":"tiny","input":"a","temperature":1}""", "temperature", "unknown_parameter")]
    public async Task A_bad_parameter_is_named(string body, string param, string? code)
    {
        var (status, answer) = await Server.PostAsync("/v1/embeddings", body);
        Assert.Equal((400, param), (status, (string?)answer["error"]!["param"]));
        Assert.True(code is null || code == (string?)answer["error"]!["code"], (string?)answer["error"]!["code"]);
    }

    [Fact]
    public async Task Too_long_an_input_is_refused_with_the_numbers()
    {
        var ids = string.Join(',', Enumerable.Repeat(1, 65));
        var (status, answer) = await Server.PostAsync("/v1/embeddings", $$"""{"model":"tiny","input":[[1],[{{ids}}]]}""");
        Assert.Equal((400, "context_length_exceeded", "input[1]"), (status, (string?)answer["error"]!["code"], (string?)answer["error"]!["param"]));
        Assert.Contains("has 65 tokens and the model's context holds 64", (string?)answer["error"]!["message"], StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<ClientResultException>(() => Server.Client().GetEmbeddingClient("other").GenerateEmbeddingAsync("a"));
        Assert.Equal(404, error.Status);
    }

    private async Task<float[]> Vector(string body)
    {
        var (status, answer) = await Server.PostAsync("/v1/embeddings", body);
        Assert.Equal((200, "list", "embedding"), (status, (string?)answer["object"], (string?)answer["data"]![0]!["object"]));
        var vector = answer["data"]![0]!["embedding"]!;
        return vector is System.Text.Json.Nodes.JsonArray numbers
            ? [.. numbers.Select(number => (float)number!)]
            : [.. Convert.FromBase64String((string)vector!).Chunk(4).Select(bytes => BitConverter.ToSingle(bytes))];
    }

    private static double Length(float[] vector) => Math.Sqrt(vector.Sum(value => (double)value * value));
}
