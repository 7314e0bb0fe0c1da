using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests.Adapters;

/// <summary>A model with an adapter computes what the model with merged weights does, for each family and both kinds of file.</summary>
public sealed class AdapterFileTests : IDisposable
{
    private static readonly int[] Tokens = TinyModels.Tokens(21, 48);
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> AllFamilies => [.. Families.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(AllFamilies))]
    public void A_folder_of_PEFT_equals_merged_weights(string family)
    {
        using (var decoder = TinyModels.Lively(Families.Config(family)))
        {
            HuggingFaceFolder.Write(_folder.File("base"), family, decoder, family == "gpt2" ? "transformer." : "model.");
        }

        AdapterFiles.WritePeft(_folder.File("base"), _folder.File("merged"), _folder.File("lora"), transposed: family == "gpt2");
        using var plain = HuggingFaceModel.Load(_folder.File("base"));
        using var merged = HuggingFaceModel.Load(_folder.File("merged"));
        using var adapter = AdapterFile.Load(_folder.File("lora"), plain.Config);
        AssertAdapted(plain, merged, adapter);
    }

    [Theory]
    [MemberData(nameof(AllFamilies))]
    public void A_GGUF_file_equals_merged_weights(string family)
    {
        using (var decoder = TinyModels.Lively(Families.Config(family)))
        {
            GgufModel.Export(_folder.File("base.gguf"), decoder, DType.F32);
        }

        AdapterFiles.WriteGguf(_folder.File("base.gguf"), _folder.File("merged.gguf"), _folder.File("lora.gguf"));
        using var plain = GgufModel.Load(_folder.File("base.gguf"));
        using var merged = GgufModel.Load(_folder.File("merged.gguf"));
        using var adapter = AdapterFile.Load(_folder.File("lora.gguf"), plain.Config);
        AssertAdapted(plain.Decoder, merged.Decoder, adapter);
    }

    [Fact]
    public void Both_kinds_of_file_are_one_adapter_though_their_rows_lie_otherwise()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        GgufModel.Export(_folder.File("base.gguf"), decoder, DType.F32);
        AdapterFiles.WriteGguf(_folder.File("base.gguf"), _folder.File("merged.gguf"), _folder.File("lora.gguf"));
        using var fromGguf = AdapterFile.Load(_folder.File("lora.gguf"), decoder.Config);
        AdapterWriter.WritePeft(_folder.File("lora"), fromGguf, decoder.Config, "some/model");
        using var fromPeft = AdapterFile.Load(_folder.File("lora"), decoder.Config);
        Assert.Equal(fromGguf.Id, fromPeft.Id);
        using var raw = GgufReader.Open(_folder.File("lora.gguf"));
        var query = fromPeft.Pairs.Single(pair => pair.Key == "model.layers.0.self_attn.q_proj.weight").Value.B.Value.ToArray();
        Assert.NotEqual(raw.Read("blk.0.attn_q.weight.lora_b").ToArray(), query);
        Assert.Throws<IOException>(() => AdapterWriter.WritePeft(_folder.File("lora"), fromGguf, decoder.Config));
    }

    [Fact]
    public void Every_kind_of_file_gives_the_adapter_back_that_was_written()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var adapter = Adapter.Initialize(decoder.Config, ["q_proj", "k_proj", "down_proj"], rank: 3, alpha: 7, seed: 1);
        foreach (var (parameter, stream) in adapter.Parameters.Select((parameter, i) => (parameter, (ulong)i))) Philox.FillNormal(parameter.Value, 8, stream, 0.3f);
        AdapterWriter.WritePeft(_folder.File("peft"), adapter, decoder.Config);
        AdapterWriter.WriteGguf(_folder.File("lora.gguf"), adapter, decoder.Config);
        AdapterCheckpoint.Save(_folder.File("checkpoint"), Contents(decoder, adapter));
        foreach (var name in new[] { "peft", "lora.gguf", "checkpoint" })
        {
            using var read = AdapterFile.Load(_folder.File(name), decoder.Config);
            Assert.Equal(adapter.Id, read.Id);
        }

        using var copy = adapter.Copy();
        Assert.Equal(adapter.Id, copy.Id);
        copy.Parameters[0].Value.Fill(1);
        copy.Parameters[0].MarkChanged();
        Assert.NotEqual(adapter.Id, copy.Id);
    }

    [Fact]
    public void A_checkpoint_of_an_adapter_names_its_model_and_what_is_wrong_with_it()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var adapter = Adapter.Initialize(decoder.Config, ["q_proj"], rank: 3, alpha: 7, seed: 1);
        var folder = _folder.File("checkpoint");
        AdapterCheckpoint.Save(folder, Contents(decoder, adapter));
        Assert.True(AdapterCheckpoint.IsIn(folder));
        Assert.Equal(decoder.WeightsId, AdapterCheckpoint.Parent(folder));
        var other = TinyModels.Config() with { IntermediateSize = 96, HiddenSize = 128 };
        Assert.Throws<ModelFormatException>(() => AdapterFile.Load(folder, other));
        var file = Path.Combine(folder, AdapterCheckpoint.WeightsFile);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        Assert.Contains("truncated", Assert.Throws<ModelFormatException>(() => AdapterCheckpoint.Load(folder)).Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => Checkpoint.Load(folder));
    }

    [Fact]
    public void What_GGUF_cannot_say_is_refused_and_nothing_is_written()
    {
        using var decoder = TinyModels.Lively(Families.Config("phi3"));
        using var fused = Adapter.Initialize(decoder.Config, ["q_proj"], rank: 2, alpha: 2, seed: 1);
        Assert.Contains("adapted here in parts", Assert.Throws<ModelFormatException>(() => AdapterWriter.WriteGguf(_folder.File("a.gguf"), fused, decoder.Config)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("a.gguf")));
    }

    private static AdapterCheckpointContents Contents(Decoder decoder, Adapter adapter) => new()
    {
        Adapter = adapter, Config = decoder.Config, Tokenizer = "{}"u8.ToArray(), Lineage = new("run", decoder.WeightsId, 1, null, 3),
    };

    private static void AssertAdapted(Decoder plain, Decoder merged, Adapter adapter)
    {
        using var context = new DecoderRun(plain);
        using var expected = new DecoderRun(merged);
        var (actual, wanted, unadapted) = (context.Whole(Tokens, adapter: adapter), expected.Whole(Tokens), context.Whole(Tokens));
        var size = Math.Sqrt(wanted.Average(value => value * value));
        Assert.True(wanted.Zip(unadapted).Max(pair => Math.Abs(pair.First - pair.Second)) > 0.1 * size, "the adapter changes too little to prove anything");
        Assert.True(wanted.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second)) < 1e-4 * size, "the adapter does not do what merged weights do");
        using var folded = AdapterMerge.Merge(plain, adapter);
        using var run = new DecoderRun(folded);
        Assert.True(wanted.Zip(run.Whole(Tokens)).Max(pair => Math.Abs(pair.First - pair.Second)) < 1e-4 * size, "merging does not do what the adapter does");
    }
}
