namespace Parley.Host.Tests;

/// <summary>Reranking and tokens over HTTP, by a tiny cross-encoder, a tiny encoder and a tiny decoder, each from its file.</summary>
public sealed class RerankTests : IAsyncLifetime
{
    private readonly ModelServer _models = new();

    private TestServer Server => _models.Server;

    public ValueTask InitializeAsync() =>
        _models.With("cross", "bert, classification head").With("bert", "bert, mean").With("llama", "llama, mean").StartAsync();

    public ValueTask DisposeAsync() => _models.DisposeAsync();

    [Theory]
    [InlineData("cross")]
    [InlineData("llama")]
    public async Task The_best_document_comes_first_and_a_score_does_not_depend_on_the_others(string model)
    {
        var (status, body) = await Rerank(model, """ "query":"the cat","documents":["the sea","a mat",{"text":"the cat sat"}],"return_documents":true """);
        Assert.Equal(200, status);
        var results = body["results"]!.AsArray().Select(result => ((int)result!["index"]!, (float)result["relevance_score"]!, (string?)result["document"]!["text"])).ToArray();
        Assert.Equal(results.OrderByDescending(result => result.Item2), results);
        Assert.Equal([0, 1, 2], results.Select(result => result.Item1).Order());
        Assert.All(results, result => Assert.InRange(result.Item2, 1e-9f, 1));
        Assert.All(results, result => Assert.Equal(((string[])["the sea", "a mat", "the cat sat"])[result.Item1], result.Item3));
        Assert.Equal(3, results.Select(result => result.Item2).Distinct().Count());
        foreach (var (index, score, text) in results)
        {
            var (_, alone) = await Rerank(model, $$""" "query":"the cat","documents":["{{text}}"],"top_n":1 """);
            Assert.Equal(score, (float)alone["results"]![0]!["relevance_score"]!);
            Assert.Null(alone["results"]![0]!["document"]);
        }

        var (_, first) = await Rerank(model, """ "query":"the cat","documents":["the sea","a mat","the cat sat"],"top_n":1 """);
        Assert.Equal(results[0].Item1, (int)Assert.Single(first["results"]!.AsArray())!["index"]!);
        Assert.True((int)first["usage"]!["total_tokens"]! > 12);
    }

    [Theory]
    [InlineData("cross", """ "documents":["a"] """, "query")]
    [InlineData("cross", """ "query":"a" """, "documents")]
    [InlineData("cross", """ "query":"a","documents":[] """, "documents")]
    [InlineData("cross", """ "query":"a","documents":["b",7] """, "documents[1]")]
    [InlineData("cross", """ "query":"a","documents":["b"],"top_n":0 """, "top_n")]
    [InlineData("cross", """ "query":"a","documents":["b"],"rank_fields":["x"] """, "rank_fields")]
    [InlineData("llama", """ "query":"","documents":["b"] """, "query")]
    [InlineData("bert", """ "query":"a","documents":["b"] """, "model")]
    public async Task A_bad_parameter_is_named(string model, string fields, string param)
    {
        var (status, body) = await Rerank(model, fields);
        Assert.Equal((400, param), (status, (string?)body["error"]!["param"]));
    }

    [Fact]
    public async Task A_document_that_is_too_long_is_refused_with_the_numbers()
    {
        var text = string.Join(' ', Enumerable.Repeat("the", 200));
        foreach (var (model, holds) in new[] { ("cross", 128), ("llama", 127) })
        {
            var (status, body) = await Rerank(model, $$""" "query":"a","documents":["b","{{text}}"] """);
            Assert.Equal((400, "documents[1]", "context_length_exceeded"), (status, (string?)body["error"]!["param"], (string?)body["error"]!["code"]));
            Assert.Contains($"holds {holds}", (string?)body["error"]!["message"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_encoder_embeds_and_does_not_chat_and_a_cross_encoder_only_judges()
    {
        var (ok, body) = await Server.PostAsync("/v1/embeddings", """{"model":"bert","input":["the cat","the sea"]}""");
        Assert.Equal((200, 64), (ok, body["data"]![1]!["embedding"]!.AsArray().Count));
        var (chat, refused) = await Server.PostAsync("/v1/completions", """{"model":"bert","prompt":"the"}""");
        Assert.Equal((400, "model"), (chat, (string?)refused["error"]!["param"]));
        var (embed, other) = await Server.PostAsync("/v1/embeddings", """{"model":"cross","input":"the"}""");
        Assert.Equal((400, "model"), (embed, (string?)other["error"]!["param"]));
    }

    [Fact]
    public async Task Text_becomes_tokens_and_text_again()
    {
        var (_, tokens) = await Server.PostAsync("/v1/tokenize", """{"model":"llama","prompt":"the cat sat","return_token_strs":true}""");
        var ids = tokens["tokens"]!.ToJsonString();
        Assert.Equal(((int)tokens["count"]!, 128), (tokens["tokens"]!.AsArray().Count, (int)tokens["max_model_len"]!));
        Assert.Equal("the cat sat", string.Concat(tokens["token_strs"]!.AsArray().Select(text => (string?)text)));
        var (_, text) = await Server.PostAsync("/v1/detokenize", $$"""{"model":"llama","tokens":{{ids}}}""");
        Assert.Equal("the cat sat", (string?)text["prompt"]);
        var (_, chat) = await Server.PostAsync("/v1/tokenize", """{"model":"llama","messages":[{"role":"user","content":"the cat sat"}]}""");
        Assert.True((int)chat["count"]! > (int)tokens["count"]! + 4);
        var (_, whole) = await Server.PostAsync("/v1/tokenize", """{"model":"bert","prompt":"the cat"}""");
        var (_, bare) = await Server.PostAsync("/v1/tokenize", """{"model":"bert","prompt":"the cat","add_special_tokens":false}""");
        Assert.Equal((4, 2), ((int)whole["count"]!, (int)bare["count"]!)); // [CLS] and [SEP] around
    }

    [Theory]
    [InlineData("tokenize", """{"model":"other","prompt":"a"}""", 404, "model")]
    [InlineData("tokenize", """{"model":"llama"}""", 400, "messages")]
    [InlineData("tokenize", """{"model":"bert","messages":[{"role":"user","content":"a"}]}""", 400, "model")]
    [InlineData("tokenize", """{"model":"llama","prompt":"a","add":1}""", 400, "add")]
    [InlineData("detokenize", """{"model":"llama","tokens":[1,100000]}""", 400, "tokens")]
    [InlineData("detokenize", """{"model":"llama","tokens":"a"}""", 400, "tokens")]
    public async Task What_cannot_be_tokenized_is_named(string route, string body, int status, string param)
    {
        var (answered, answer) = await Server.PostAsync("/v1/" + route, body);
        Assert.Equal((status, param), (answered, (string?)answer["error"]!["param"]));
    }

    private Task<(int Status, System.Text.Json.Nodes.JsonNode Body)> Rerank(string model, string fields) =>
        Server.PostAsync("/v1/rerank", $$"""{"model":"{{model}}",{{fields}}}""");
}
