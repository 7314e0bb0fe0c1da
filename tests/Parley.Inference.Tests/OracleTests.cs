using System.Text.Json;
using Parley.Testing;

namespace Parley.Inference.Tests;

/// <summary>Greedy tokens of tiny random models as an independent exact computation and llama.cpp gave them, through the serving engine.</summary>
public sealed class OracleTests
{
    [Theory]
    [InlineData("llama.F16")]
    [InlineData("llama.BF16")]
    [InlineData("llama.Q8_0")]
    public async Task GreedyTokensAreTheOracles(string name)
    {
        var folder = SharedData.Folder("oracles/models");
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
        var greedy = manifest.RootElement.GetProperty("files").EnumerateArray()
            .Single(file => file.GetProperty("file").GetString() == name + ".gguf").GetProperty("greedy");
        var request = new EngineRequest
        {
            Prompt = Integers(greedy, "prompt"),
            Sampling = new() { Seed = 1, Temperature = 0 },
            MaxOutputTokens = greedy.GetProperty("n").GetInt32(),
        };
        using var model = LoadedModel.Load(Path.Combine(folder, name + ".gguf"));
        await using var driver = new EngineDriver(model.Decoder, new() { PrefillChunk = 6 });
        var others = Enumerable.Range(0, 4).Select(i => Requests.Of(10 + i, (ulong)i));
        Assert.Equal(Integers(greedy, "exact_tokens"), driver.Run([.. others, request])[4].Tokens());
    }

    private static int[] Integers(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];
}
