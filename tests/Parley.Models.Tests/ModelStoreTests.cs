using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests;

/// <summary>Models by name: what import brings in, what is refused, and that damage is found.</summary>
public sealed class ModelStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelStore _store;

    public ModelStoreTests() => _store = new ModelStore(_folder.File("store"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_becomes_a_model_of_its_name()
    {
        var path = WriteGguf("tiny.gguf");
        var model = Import(path);
        Assert.Equal("tiny", model.Manifest.Name);
        Assert.Equal((path, "tiny.gguf"), (model.Manifest.Source, model.Manifest.Entry));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), model.Manifest.Date);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(model.Path));
        Assert.Equal(["tiny"], _store.List().Select(stored => stored.Manifest.Name));
        Assert.Equal((model.Path, "tiny"), _store.Resolve("tiny"));
        Assert.Equal((path, null), _store.Resolve(path));
        Assert.Equal((model.Path, null), _store.Resolve(model.Folder));
        StoreVerification.Run(model, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_folder_is_taken_with_what_belongs_to_it()
    {
        var folder = WriteFolder();
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "x");
        File.WriteAllText(Path.Combine(folder, "pytorch_model.bin"), "old weights");
        var model = Import(folder, "other-name");
        Assert.Equal(["chat_template.jinja", "config.json", "model.safetensors", "tokenizer.json"], model.Manifest.Files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal((null, model.Folder), (model.Manifest.Entry, model.Path));
        using var container = TensorContainer.Open(model.Path);
        Assert.Equal(("safetensors", 1), (container.Format, container.Tensors.Count));
    }

    [Fact]
    public void A_checkpoint_stays_one()
    {
        using var decoder = Decoder.Initialize(TinyModels.Config(), seed: 1);
        var folder = _folder.File("checkpoint");
        Checkpoint.Save(folder, TinyModels.Contents(decoder, training: true));
        Checkpoint.Verify(Import(folder).Path);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("tiny")]
    public void A_name_that_cannot_be_or_is_taken_is_refused(string name)
    {
        var path = WriteGguf("tiny.gguf");
        Import(path);
        Assert.Contains("--name", Assert.Throws<ModelFormatException>(() => Import(path, name)).Message, StringComparison.Ordinal);
        Assert.Single(_store.List());
    }

    [Fact]
    public void What_is_no_model_is_refused_and_leaves_nothing()
    {
        var text = _folder.File("text.gguf");
        File.WriteAllText(text, "no model");
        Assert.Throws<ModelFormatException>(() => Import(text));
        Assert.Contains("config.json", Assert.Throws<ModelFormatException>(() => Import(Directory.CreateDirectory(_folder.File("empty")).FullName)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_store.Folder));
        var error = Assert.Throws<ModelFormatException>(() => _store.Resolve("nothing"));
        Assert.Contains("no model is stored there yet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_import_leaves_nothing()
    {
        var path = WriteGguf("tiny.gguf");
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new ModelImport(_store, TimeProvider.System).Copy(path, cancellationToken: source.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Folder));
    }

    [Theory]
    [InlineData("flip", "SHA-256")]
    [InlineData("cut", "bytes where the manifest says")]
    [InlineData("remove", "missing")]
    [InlineData("manifest", "damaged")]
    [InlineData("escape", "damaged")]
    public void Damage_is_named(string injury, string problem)
    {
        var model = Import(WriteGguf("tiny.gguf"));
        var manifest = Path.Combine(model.Folder, StoredModelManifest.FileName);
        var bytes = File.ReadAllBytes(model.Path);
        switch (injury)
        {
            case "flip": bytes[^1] ^= 1; File.WriteAllBytes(model.Path, bytes); break;
            case "cut": File.WriteAllBytes(model.Path, bytes[..^1]); break;
            case "remove": File.Delete(model.Path); break;
            case "manifest": File.WriteAllText(manifest, "{"); break;
            default: File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("tiny.gguf", "../tiny.gguf", StringComparison.Ordinal)); break;
        }

        var error = Assert.Throws<ModelFormatException>(() => StoreVerification.Run(_store.Find("tiny")!, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DType.F32, 2 * 256 * 4, 4, 0x7F80_0000u, 512)]
    [InlineData(DType.F16, 2 * 256 * 2, 2, 0xFC00u, 512)]
    [InlineData(DType.BF16, 2 * 256 * 2, 2, 0x7FC1u, 512)]
    [InlineData(DType.Q8_0, 16 * 34, 2, 0x7C00u, 512)]
    [InlineData(DType.Q4_1, (16 * 20) + 2, 2, 0x7C00u, 512)]
    [InlineData(DType.Q4_K, (2 * 144) + 2, 2, 0x7E00u, 512)]
    [InlineData(DType.Q6_K, (2 * 210) + 208, 2, 0x7C00u, 512)]
    public void A_number_that_is_none_is_found_where_it_is(DType type, int at, int width, uint bits, long element)
    {
        using var good = Numbers(new Shape(4, 256), type);
        using var bad = Numbers(new Shape(4, 256), type);
        var bytes = bad.Bytes.ToArray();
        BitConverter.GetBytes(bits).AsSpan(0, width).CopyTo(bytes.AsSpan(at));
        bad.CopyFromBytes(bytes);
        var path = _folder.File("numbers.gguf");
        using (var stream = File.Create(path))
        {
            GgufWriter.Write(stream, [], [GgufTensorSource.Of("good", good), GgufTensorSource.Of("bad", bad)]);
        }

        using var container = TensorContainer.Open(path);
        var finding = Assert.Single(NumberScan.Run(container, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(("bad", 1, element), (finding.Tensor.Name, finding.Count, finding.FirstElement));
    }

    private static Tensor Numbers(Shape shape, DType type)
    {
        var tensor = Tensor.Allocate(shape, type);
        Philox.FillNormal(tensor, 5, 1, 1f);
        return tensor;
    }

    private StoredModel Import(string path, string? name = null) =>
        new ModelImport(_store, new FixedTime()).Copy(path, name, TestContext.Current.CancellationToken);

    private string WriteGguf(string name)
    {
        using var tensor = Numbers(new Shape(4, 32), DType.F32);
        var path = _folder.File(name);
        using var stream = File.Create(path);
        GgufWriter.Write(stream, new GgufMetadata { ["general.architecture"] = "test" }, [GgufTensorSource.Of("a", tensor)]);
        return path;
    }

    private string WriteFolder()
    {
        var folder = Directory.CreateDirectory(_folder.File("hf")).FullName;
        using var tensor = Numbers(new Shape(4, 32), DType.F32);
        using var stream = File.Create(Path.Combine(folder, SafetensorsReader.FileName));
        SafetensorsWriter.Write(stream, new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["a"] = tensor });
        File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        return folder;
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    }
}
