using System.Diagnostics;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests;

/// <summary>
/// Thousands of seeded mutations of good files: a reader may accept one or refuse it with <see cref="ModelFormatException"/>,
/// never anything else, and never allocate out of proportion to the file.
/// </summary>
public sealed class HostileFileTests : IDisposable
{
    private const int Mutations = 1200;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Gguf_metadata()
    {
        var path = _folder.File("kinds.gguf");
        using (var stream = File.Create(path))
        {
            GgufWriter.Write(stream, GgufTests.EveryKind(), []);
        }

        Mutate(File.ReadAllBytes(path), headerBytes: int.MaxValue, file => GgufReader.Open(file).Dispose());
    }

    [Theory]
    [InlineData("llama", DType.F32)]
    [InlineData("plain", DType.Q8_0)]
    [InlineData("qwen3moe", DType.F32)]
    [InlineData("phi3", DType.F16)]
    public void Gguf_models(string family, DType type)
    {
        var path = _folder.File("model.gguf");
        using (var decoder = Decoder.Initialize(family == "plain" ? TinyModels.Config() : Families.Config(family), seed: 1))
        {
            GgufModel.Export(path, decoder, type);
        }

        int header;
        using (var reader = GgufReader.Open(path))
        {
            header = (int)reader.Tensors.Values.Min(tensor => tensor.Offset);
        }

        Mutate(File.ReadAllBytes(path), header, file => GgufModel.Load(file).Dispose());
    }

    [Fact]
    public void Safetensors()
    {
        var path = _folder.File("model.safetensors");
        using (var decoder = Decoder.Initialize(TinyModels.Config(), seed: 1))
        using (var stream = File.Create(path))
        {
            SafetensorsWriter.Write(stream, decoder.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value), new Dictionary<string, string> { ["a"] = "b" });
        }

        var bytes = File.ReadAllBytes(path);
        Mutate(bytes, 8 + (int)BitConverter.ToInt64(bytes), file =>
        {
            using var reader = SafetensorsReader.Open(file);
            foreach (var name in reader.Entries.Keys)
            {
                reader.Read(name).Dispose();
            }
        });
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    [InlineData("gpt2")]
    public void Configurations(string family)
    {
        Mutate(Families.Config(family).ToJson(), int.MaxValue, file => ModelConfigJson.FromJson(File.ReadAllBytes(file), file));
        Mutate(System.Text.Encoding.UTF8.GetBytes(Families.Json(family)), int.MaxValue, file => ModelConfigJson.FromJson(File.ReadAllBytes(file), file));
    }

    [Fact]
    public void Sizes_that_no_file_warrants_cost_nothing()
    {
        var sizes = Families.Config("qwen3moe") with { Layers = 4096, Experts = 4096, ExpertsPerToken = 8 };
        var folder = _folder.File("folder");
        using (var decoder = Decoder.Initialize(Families.Config("qwen3moe"), seed: 1))
        {
            HuggingFaceFolder.Write(folder, "qwen3moe", decoder);
            var json = Families.Json("qwen3moe").Replace("\"num_experts\":6", "\"num_experts\":4096", StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder, "config.json"), json.Replace("\"num_hidden_layers\":4", "\"num_hidden_layers\":4096", StringComparison.Ordinal));
            var parameters = decoder.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<ModelFormatException>(() => HuggingFaceModel.Load(folder));
            Assert.Throws<ModelFormatException>(() => new Decoder(sizes, parameters));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Theory]
    [InlineData("llama", 4096, 0, "llama.block_count")]
    [InlineData("qwen3moe", 4096, 4096, "qwen3moe.block_count")]
    [InlineData("qwen3moe", 4, 4096, "qwen3moe.expert_count")]
    public void Sizes_that_no_gguf_warrants_cost_nothing(string family, int layers, int experts, string field)
    {
        var path = _folder.File("sizes.gguf");
        var metadata = Metadata(family);
        metadata[$"{family}.block_count"] = (uint)layers;
        metadata[$"{family}.expert_count"] = (uint)experts;
        var gates = Enumerable.Range(0, experts > 0 ? 4 : 0).Select(layer => Bytes($"blk.{layer}.ffn_gate_exps.weight", new Shape(experts, 1, 1)));
        GgufWriter.Write(path, metadata, [.. gates, .. Enumerable.Range(0, 30).Select(i => Bytes($"blk.0.{i}", new Shape(1)))]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ModelFormatException>(() => GgufModel.Load(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal((path, field), (error.File, error.Field));

        static GgufTensorSource Bytes(string name, Shape shape) => new(name, shape, GgmlType.I8, stream => stream.Write(new byte[shape.Count]));
    }

    [Fact]
    public void Manifests()
    {
        using var decoder = Decoder.Initialize(TinyModels.Config(), seed: 1);
        var folder = _folder.File("checkpoint");
        Checkpoint.Save(folder, TinyModels.Contents(decoder, training: false));
        var manifest = Path.Combine(folder, CheckpointManifest.FileName);
        Mutate(File.ReadAllBytes(manifest), int.MaxValue, file =>
        {
            File.Copy(file, manifest, overwrite: true);
            Checkpoint.Verify(folder);
        });
    }

    // What an honest file of the family says of itself.
    private GgufMetadata Metadata(string family)
    {
        var path = _folder.File("honest.gguf");
        using (var decoder = Decoder.Initialize(Families.Config(family), seed: 1))
        {
            GgufModel.Export(path, decoder, DType.F32);
        }

        using var reader = GgufReader.Open(path);
        return reader.Metadata;
    }

    private void Mutate(byte[] good, int headerBytes, Action<string> read)
    {
        var path = _folder.File("mutant");
        var random = new Random(20_261_122);
        var (accepted, refused) = (0, 0);
        read(Write(path, good)); // the unharmed file is accepted
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = Mutation.Apply(good, Math.Min(headerBytes, good.Length), random);
            Write(path, bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            try
            {
                read(path);
                accepted++;
            }
            catch (ModelFormatException error)
            {
                refused++;
                Assert.DoesNotContain('\n', error.Message);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < (64L * bytes.Length) + (1 << 20), $"Mutation {i} of {bytes.Length} bytes made the reader allocate {allocated}.");
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"Mutation {i} took {clock.Elapsed}.");
        }

        Assert.True(refused > Mutations / 20, $"Only {refused} of {Mutations} mutations were refused; the mutations miss the header.");
        Assert.Equal(Mutations, accepted + refused);
    }

    private static string Write(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
