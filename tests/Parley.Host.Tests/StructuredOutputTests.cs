using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Host.Serving;
using Parley.Inference;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>
/// Schemas as programs write them through the whole server with the bundled model and its real vocabulary: what ends by itself is valid as ajv sees it. The
/// schemas are every twelfth of the judged ones.
/// </summary>
public sealed class StructuredOutputTests : IAsyncLifetime
{
    private const int Every = 12;
    private const int AtATime = 8;
    private readonly ModelServer _models = new();

    public async ValueTask InitializeAsync()
    {
        if (BundledModel.Find() is { } path)
        {
            await _models.With(LoadedModel.Load(path)).StartAsync();
        }
    }

    public ValueTask DisposeAsync() => _models.DisposeAsync();

    [Fact]
    public async Task Every_answer_that_ends_is_valid()
    {
        using var judge = SchemaJudge.Start();
        if (_models.Replicas.Count == 0)
        {
            Requirement.Skip("bundled-model", "models/parley-mini*.gguf is not here");
        }

        JsonNode[] lines = [.. File.ReadLines(Path.Combine(SchemaJudge.Folder, "schemas.jsonl")).Where((_, i) => i % Every == 0).Select(line => JsonNode.Parse(line)!)];
        var answers = new List<(string Text, string Finish)>();
        foreach (var some in lines.Chunk(AtATime))
        {
            answers.AddRange(await Task.WhenAll(some.Select((line, i) => AskAsync(line["schema"]!, seed: answers.Count + i))));
        }

        var (whole, wrong) = (0, new List<string>());
        foreach (var (line, (text, finish)) in lines.Zip(answers))
        {
            if (finish == "stop")
            {
                whole++;
                wrong.AddRange(judge.Judge(line["schema"]!, [text]).Where(isValid => isValid is not true).Select(_ => $"{line["name"]}: {text}"));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{lines.Length} schemas, {whole} answers ended by themselves");
        Assert.Empty(wrong);
        Assert.InRange(lines.Length, 30, 40);
        Assert.True(whole >= 12, $"only {whole} of {lines.Length} answers ended by themselves");
    }

    private async Task<(string Text, string Finish)> AskAsync(JsonNode schema, int seed)
    {
        var body = new JsonObject
        {
            ["model"] = _models.Replicas[0].Models[0].Id,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Answer in JSON." }),
            ["response_format"] = new JsonObject
            {
                ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = "answer", ["strict"] = true, ["schema"] = schema.DeepClone() },
            },
            ["seed"] = seed,
            ["max_tokens"] = 48,
        };
        var (status, answer) = await _models.Server.PostAsync("/v1/chat/completions", body.ToJsonString());
        Assert.True(status == 200, string.Create(CultureInfo.InvariantCulture, $"{status}: {answer.ToJsonString()}"));
        var choice = answer["choices"]![0]!;
        return ((string?)choice["message"]!["content"] ?? "", (string)choice["finish_reason"]!);
    }
}
