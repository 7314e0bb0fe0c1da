using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests;

/// <summary>Models split over several files: any shard opens all, and what does not fit together is named.</summary>
public sealed class ShardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Any_gguf_shard_opens_all(int named)
    {
        var paths = WriteGguf(3);
        using var reader = GgufReader.Open(paths[named]);
        Assert.Equal(["t0", "t1", "t2"], reader.Tensors.Keys);
        Assert.Equal(paths, reader.Paths);
        Assert.Equal("test", reader.Metadata.Text("general.architecture"));
        for (var i = 0; i < 3; i++)
        {
            using var mapped = reader.Map($"t{i}");
            using var expected = Numbers(i);
            Assert.Equal(expected.Bytes, mapped.Bytes);
        }
    }

    [Fact]
    public void A_gguf_shard_that_is_missing_renamed_or_strange_is_named()
    {
        var paths = WriteGguf(3);
        var strange = _folder.File("strange.gguf");
        File.Copy(paths[0], strange);
        Assert.Contains("-00001-of-00003.gguf", Refusal(strange).Message, StringComparison.Ordinal);

        File.Copy(paths[0], paths[1], overwrite: true); // shard 1 under the name of shard 2
        var error = Refusal(paths[0]);
        Assert.Equal((paths[1], "split.no"), (error.File, error.Field));

        File.Delete(paths[1]);
        error = Refusal(paths[2]);
        Assert.Equal(paths[1], error.File);
        Assert.Contains("shard 2 of 3 is missing", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, "t2", "says 4 tensors")]
    [InlineData(3, "t1", "t1")]
    public void Gguf_shards_that_do_not_belong_together_are_refused(int stated, string third, string problem) =>
        Assert.Contains(problem, Refusal(WriteGguf(stated, third)[0]).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("model.safetensors.index.json")]
    public void An_index_opens_all_shards(string name)
    {
        WriteSafetensors(["a", "b"], ["c"], """{"metadata":{"total_size":12},"weight_map":{"a":"x-1.safetensors","b":"x-1.safetensors","c":"x-2.safetensors"}}""");
        using var reader = SafetensorsReader.Open(Path.Combine(_folder.Path, name));
        Assert.Equal(["a", "b", "c"], reader.Entries.Keys.Order(StringComparer.Ordinal));
        using var mapped = reader.Map("c");
        using var expected = Numbers('c');
        Assert.Equal(expected.Bytes, mapped.Bytes);
        Assert.Equal(2, reader.Paths.Count());
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"x-1.safetensors","d":"x-2.safetensors"}}""", "d", "but is not")]
    [InlineData("""{"weight_map":{"a":"x-2.safetensors"}}""", "a", "but is not")]
    [InlineData("""{"weight_map":{"a":"x-1.safetensors","c":"x-3.safetensors"}}""", null, "is missing")]
    [InlineData("""{"weight_map":{"b":"x-1.safetensors","c":"x-2.safetensors"}}""", "b", "is in 'x-1.safetensors' and in 'x-2.safetensors'")]
    [InlineData("""{"weight_map":{"a":"../x-1.safetensors"}}""", "a", "plain file name")]
    [InlineData("""{"weight_map":{"a":"x-1.bin"}}""", "a", "plain file name")]
    [InlineData("""{"weight_map":{"a":"x-1.safetensors","a":"x-1.safetensors"}}""", "a", "twice")]
    [InlineData("""{"weight_map":{"a":3}}""", "a", "Number")]
    [InlineData("""{"weight_map":{}}""", "weight_map", "missing or empty")]
    [InlineData("""{"weight_map":[]}""", "weight_map", "StartArray")]
    [InlineData("""{"weight_map":{"a":"x-1.safetensors"}""", null, "not valid JSON")]
    [InlineData("""{"weight_map":{"a":"x-1.safetensors"}} 1""", null, "not valid JSON")]
    [InlineData("""{"weight_map":{"\ud800":"x-1.safetensors"}}""", null, "not valid JSON")]
    public void An_index_that_lies_is_refused_by_name(string index, string? field, string problem)
    {
        WriteSafetensors(["a", "b"], ["b", "c"], index);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(_folder.Path).Dispose());
        Assert.Equal(field, error.Field);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_weights_says_what_it_looks_for() => Assert.Contains(
        "model.safetensors.index.json", Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(_folder.Path)).Message, StringComparison.Ordinal);

    private static Tensor Numbers(int seed)
    {
        var tensor = Tensor.Allocate(new Shape(4, 32));
        Philox.FillNormal(tensor, (ulong)seed, 1, 1f);
        return tensor;
    }

    private static ModelFormatException Refusal(string path) => Assert.Throws<ModelFormatException>(() => GgufReader.Open(path).Dispose());

    private string[] WriteGguf(int statedTensors, string third = "t2")
    {
        string[] names = ["t0", "t1", third];
        var paths = names.Select((_, i) => _folder.File($"model-0000{i + 1}-of-00003.gguf")).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            var metadata = new GgufMetadata
            {
                ["split.no"] = GgufValue.Scalar(GgufType.UInt16, (ushort)i),
                ["split.count"] = GgufValue.Scalar(GgufType.UInt16, (ushort)names.Length),
                ["split.tensors.count"] = statedTensors,
            };
            if (i == 0)
            {
                metadata["general.architecture"] = "test";
            }

            using var tensor = Numbers(i);
            using var stream = File.Create(paths[i]);
            GgufWriter.Write(stream, metadata, [GgufTensorSource.Of(names[i], tensor)]);
        }

        return paths;
    }

    private void WriteSafetensors(string[] first, string[] second, string index)
    {
        foreach (var (file, names) in new[] { ("x-1.safetensors", first), ("x-2.safetensors", second) })
        {
            var tensors = names.ToDictionary(name => name, name => Numbers(name[0]));
            using (var stream = File.Create(_folder.File(file)))
            {
                SafetensorsWriter.Write(stream, tensors);
            }

            foreach (var tensor in tensors.Values)
            {
                tensor.Dispose();
            }
        }

        File.WriteAllText(_folder.File(SafetensorsReader.IndexName), index);
    }
}
