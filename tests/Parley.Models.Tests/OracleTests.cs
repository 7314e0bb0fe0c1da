using System.Runtime.InteropServices;
using System.Text.Json;
using Parley.Testing;

namespace Parley.Models.Tests;

/// <summary>
/// Tiny models with logits computed elsewhere in float64 on the dequantised weights, and greedy tokens of llama.cpp. The
/// folder is not part of a clone; without it these tests skip and <see cref="ReferenceDecoder"/> is the oracle.
/// </summary>
public sealed class OracleTests
{
    private const double Tolerance = 1e-4; // rms difference over the standard deviation of the exact logits, F32 activations

    [Theory]
    [InlineData("llama.F16")]
    [InlineData("llama.BF16")]
    [InlineData("llama.Q8_0")]
    [InlineData("llama.Q4_0")]
    [InlineData("llama.Q5_0")]
    [InlineData("llama.Q4_K_M")]
    [InlineData("llama.Q5_K_M")]
    [InlineData("llama.Q6_K")]
    [InlineData("llama-rope3.F16")]
    [InlineData("llama-yarn.F32")]
    [InlineData("mixtral.F16")]
    [InlineData("qwen2.F16")]
    [InlineData("qwen3.F16")]
    [InlineData("qwen3.Q8_0")]
    [InlineData("qwen3.Q4_0")]
    [InlineData("qwen3.Q4_K_M")]
    [InlineData("qwen3.Q5_K_M")]
    [InlineData("qwen3.Q6_K")]
    [InlineData("qwen3moe.F32")]
    [InlineData("qwen3moe.Q8_0")]
    [InlineData("gemma2.F16")]
    [InlineData("gemma3.F16")]
    [InlineData("gemma3.Q4_0")]
    [InlineData("phi3.F16")]
    [InlineData("phi3-longrope-short.F32")]
    [InlineData("gpt2.F32")]
    [InlineData("smollm3.F16")]
    [InlineData("granite.F16")]
    public void Logits_and_greedy_tokens_agree(string name)
    {
        var folder = Path.Combine(SharedData.Folder("oracles"), "models");
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
        var file = manifest.RootElement.GetProperty("files").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);
        using var model = GgufModel.Load(Path.Combine(folder, file.GetProperty("file").GetString()!));
        using var run = new DecoderRun(model.Decoder, threads: 2);

        var eval = file.GetProperty("eval");
        var logits = run.Whole(Integers(eval, "tokens"));
        var width = model.Config.VocabularySize;
        var exact = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, eval.GetProperty("exact_file").GetString()!))).ToArray();
        var actual = Integers(eval, "positions").SelectMany(position => logits.Skip(position * width).Take(width)).ToArray();
        var rms = Math.Sqrt(exact.Zip(actual, (a, b) => Math.Pow((double)a - b, 2)).Average());
        var relative = rms / eval.GetProperty("logits_std").GetDouble();
        TestContext.Current.SendDiagnosticMessage($"{name}: rel_rms {relative:E2}, max_abs {exact.Zip(actual, (a, b) => Math.Abs(a - b)).Max():E2}");
        Assert.True(relative <= Tolerance, $"{name}: the relative rms difference is {relative:E2}, tolerated is {Tolerance:E0}.");

        var greedy = file.GetProperty("greedy");
        Assert.Equal(Integers(greedy, "exact_tokens"), run.Greedy(Integers(greedy, "prompt"), greedy.GetProperty("n").GetInt32()));
    }

    private static int[] Integers(JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];
}
