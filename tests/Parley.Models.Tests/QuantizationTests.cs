using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests;

/// <summary>Models written again with other storage types: which tensor gets which, what passes through, and what is refused.</summary>
public sealed class QuantizationTests : IDisposable
{
    private const int Layers = 16;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("q4_k_m", GgmlType.Q4_K, GgmlType.Q6_K, new[] { 0, 1, 4, 7, 10, 13, 14, 15 }, new[] { 0, 1, 4, 7, 10, 13, 14, 15 })]
    [InlineData("q5_k_m", GgmlType.Q5_K, GgmlType.Q6_K, new[] { 0, 1, 4, 7, 10, 13, 14, 15 }, new[] { 0, 1, 4, 7, 10, 13, 14, 15 })]
    [InlineData("q4_k_s", GgmlType.Q4_K, GgmlType.Q5_K, new[] { 0, 1, 2, 3 }, new[] { 0, 1 })]
    [InlineData("q5_k_s", GgmlType.Q5_K, GgmlType.Q5_K, new int[0], new int[0])]
    [InlineData("q4_k", GgmlType.Q4_K, GgmlType.Q4_K, new int[0], new int[0])]
    [InlineData("q6_k", GgmlType.Q6_K, GgmlType.Q6_K, new int[0], new int[0])]
    [InlineData("q5_1", GgmlType.Q5_1, GgmlType.Q5_1, new int[0], new int[0])]
    public void A_mix_gives_some_layers_more_bits(string name, GgmlType most, GgmlType higher, int[] values, int[] downs)
    {
        using var reader = GgufReader.Open(WriteModel(hasOutput: true));
        var mix = new QuantizationMix(QuantizationType.Parse(name), reader);
        for (var layer = 0; layer < Layers; layer++)
        {
            Assert.Equal(values.Contains(layer) ? higher : most, mix.TypeOf(reader.Tensors[$"blk.{layer}.attn_v.weight"]));
            Assert.Equal(downs.Contains(layer) ? higher : most, mix.TypeOf(reader.Tensors[$"blk.{layer}.ffn_down.weight"]));
            Assert.Equal(most, mix.TypeOf(reader.Tensors[$"blk.{layer}.attn_q.weight"]));
        }

        Assert.Equal(GgmlType.Q6_K, mix.TypeOf(reader.Tensors["output.weight"]));
        Assert.Equal(most, mix.TypeOf(reader.Tensors["token_embd.weight"]));
        Assert.Equal(GgmlType.F32, mix.TypeOf(reader.Tensors["blk.0.ffn_gate_inp.weight"]));
        Assert.Equal(GgmlType.F32, mix.TypeOf(reader.Tensors["output_norm.weight"]));
    }

    [Theory]
    [InlineData("q4_k_m", GgmlType.Q5_0)]
    [InlineData("q5_k_m", GgmlType.Q5_1)]
    [InlineData("q6_k", GgmlType.Q8_0)]
    [InlineData("q4_0", GgmlType.Q4_0)]
    public void Rows_that_are_no_whole_super_blocks_fall_back(string name, GgmlType expected)
    {
        using var reader = GgufReader.Open(WriteModel(hasOutput: false, columns: 96));
        var mix = new QuantizationMix(QuantizationType.Parse(name), reader);
        Assert.Equal(expected, mix.TypeOf(reader.Tensors["blk.3.attn_q.weight"]));
        Assert.Equal(GgmlType.Q8_0, mix.TypeOf(reader.Tensors["token_embd.weight"])); // it is the output too
    }

    [Theory]
    [InlineData("llama", "llama.F16", "Q8_0", "Q4_0", "Q5_0", "Q4_K_M", "Q5_K_M", "Q6_K")]
    [InlineData("qwen3", "qwen3.F16", "Q8_0", "Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K")]
    [InlineData("qwen3moe", "qwen3moe.F32", "Q8_0")]
    [InlineData("gemma3", "gemma3.F16", "Q4_0")]
    public void The_mixes_are_those_of_llama_cpp(string family, string source, params string[] types)
    {
        var folder = Path.Combine(SharedData.Folder("oracles"), "models");
        using var plain = GgufReader.Open(Path.Combine(folder, source + ".gguf"));
        foreach (var type in types)
        {
            using var peer = GgufReader.Open(Path.Combine(folder, $"{family}.{type}.gguf"));
            var mix = new QuantizationMix(QuantizationType.Parse(type), plain);
            Assert.Equal(
                peer.Tensors.Values.Select(tensor => (tensor.Name, tensor.Type)).Order(),
                plain.Tensors.Values.Select(tensor => (tensor.Name, Type: mix.TypeOf(tensor))).Order());
        }
    }

    [Theory]
    [InlineData("q4_k_m", 1)]
    [InlineData("q5_0", 2)]
    [InlineData("bf16", 3)]
    public void A_quantised_file_keeps_metadata_and_comes_close(string name, int threads)
    {
        var source = WriteModel(hasOutput: true);
        var target = _folder.File($"{name}.gguf");
        var (last, total) = (0L, 0L);
        using var before = GgufReader.Open(source);
        new GgufQuantizer(before, QuantizationType.Parse(name)) { Threads = threads, Progress = (done, all) => (last, total) = (done, all) }
            .Write(target, TestContext.Current.CancellationToken);
        using var after = GgufReader.Open(target);
        Assert.Equal((total, before.Tensors.Values.Sum(tensor => tensor.Shape.Count)), (last, total));
        Assert.Equal(QuantizationType.Parse(name).FileType, after.Metadata["general.file_type"].Content);
        Assert.Equal(["a", "b"], after.Metadata.Texts("tokenizer.ggml.tokens"));
        Assert.Equal(64, after.Alignment);
        Assert.Equal(before.Tensors.Keys, after.Tensors.Keys);
        foreach (var tensor in before.Tensors.Keys)
        {
            using var plain = before.Map(tensor);
            using var quantised = after.Map(tensor);
            var error = Math.Sqrt(plain.ToArray().Zip(quantised.ToArray(), (a, b) => Math.Pow((double)a - b, 2)).Average());
            Assert.InRange(error, 0, 0.09);
        }
    }

    [Fact]
    public void Threads_do_not_show_in_the_file()
    {
        using var reader = GgufReader.Open(WriteModel(hasOutput: true));
        var files = new[] { 1, 3 }.Select(threads =>
        {
            var path = _folder.File($"{threads}.gguf");
            new GgufQuantizer(reader, QuantizationType.Parse("q4_k_m")) { Threads = threads }.Write(path, TestContext.Current.CancellationToken);
            return File.ReadAllBytes(path);
        }).ToArray();
        Assert.Equal(files[0], files[1]);
    }

    [Fact]
    public void Quantising_twice_is_refused_unless_asked_for_and_leaves_the_target_alone()
    {
        var (once, twice) = (_folder.File("once.gguf"), _folder.File("twice.gguf"));
        using (var reader = GgufReader.Open(WriteModel(hasOutput: true)))
        {
            new GgufQuantizer(reader, QuantizationType.Parse("q8_0")).Write(once, TestContext.Current.CancellationToken);
        }

        File.WriteAllText(twice, "as it was");
        using var quantised = GgufReader.Open(once);
        var error = Assert.Throws<ModelFormatException>(
            () => new GgufQuantizer(quantised, QuantizationType.Parse("q4_0")).Write(twice, TestContext.Current.CancellationToken));
        Assert.Contains("already Q8_0", error.Message, StringComparison.Ordinal);
        Assert.Equal("as it was", File.ReadAllText(twice));
        new GgufQuantizer(quantised, QuantizationType.Parse("q4_0")) { Requantize = true }.Write(twice, TestContext.Current.CancellationToken);
        using var again = GgufReader.Open(twice);
        Assert.Equal(GgmlType.Q4_0, again.Tensors["blk.0.attn_q.weight"].Type);
    }

    [Fact]
    public void A_cancelled_run_leaves_nothing_behind()
    {
        using var reader = GgufReader.Open(WriteModel(hasOutput: true));
        using var source = new CancellationTokenSource();
        var quantizer = new GgufQuantizer(reader, QuantizationType.Parse("q4_0")) { Progress = (_, _) => source.Cancel() };
        Assert.ThrowsAny<OperationCanceledException>(() => quantizer.Write(_folder.File("never.gguf"), source.Token));
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path), file => file.Contains("never", StringComparison.Ordinal));
    }

    private string WriteModel(bool hasOutput, int columns = 256)
    {
        var metadata = new GgufMetadata
        {
            ["general.architecture"] = "anything",
            ["general.alignment"] = 64u,
            ["anything.block_count"] = (uint)Layers,
            ["tokenizer.ggml.tokens"] = new[] { "a", "b" },
        };
        var matrices = new[] { "attn_q", "attn_v", "ffn_down" };
        List<(string Name, Shape Shape)> tensors = [("token_embd.weight", new(6, columns)), ("output_norm.weight", new(columns)), ("blk.0.ffn_gate_inp.weight", new(2, columns))];
        tensors.AddRange(Enumerable.Range(0, Layers).SelectMany(layer => matrices.Select(name => ($"blk.{layer}.{name}.weight", new Shape(2, columns)))));
        if (hasOutput)
        {
            tensors.Add(("output.weight", new(6, columns)));
        }

        var path = _folder.File($"model-{columns}-{hasOutput}.gguf");
        using var stream = File.Create(path);
        GgufWriter.Write(stream, metadata, [.. tensors.Select((tensor, i) => new GgufTensorSource(tensor.Name, tensor.Shape, DType.F32, target =>
        {
            using var values = Tensor.Allocate(tensor.Shape);
            Philox.FillNormal(values, 3, (ulong)i, 1f);
            target.Write(values.Bytes);
        }))]);
        return path;
    }
}
