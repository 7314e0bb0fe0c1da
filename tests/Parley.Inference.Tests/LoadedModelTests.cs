using System.Text.Json.Nodes;
using Parley.Models;
using Parley.Tensors;
using Parley.Testing;
using Parley.Text;

namespace Parley.Inference.Tests;

/// <summary>A model from memory, from GGUF and from a checkpoint answers alike; a file that cannot be used is named with the remedy.</summary>
public sealed class LoadedModelTests : IDisposable
{
    private static readonly BpeTokenizer Tokenizer = new BpeTrainer().Train(
        ["the cat sat on the mat and the rat sat on the cat", "a tale of two cats: the best of times"], new() { VocabularySize = 280 });

    private readonly TemporaryFolder _folder = new();
    private readonly LoadedModel _model = new("tiny", Decoder.Initialize(TinyModel.Config with { VocabularySize = Tokenizer.VocabularySize }, 3), Tokenizer);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task AnF32GgufGivesTheSameTokensAndTheSameIdentity()
    {
        var file = _folder.File("tiny-f32.gguf");
        _model.ExportGguf(file, DType.F32);
        using var loaded = LoadedModel.Load(file);
        Assert.Equal(("tiny-f32", _model.Decoder.WeightsId), (loaded.Id, loaded.Decoder.WeightsId));
        Assert.Equal(Tokenizer.Hash, loaded.Tokenizer.Hash);
        Assert.Equal(_model.EndTokens.Order(), loaded.EndTokens.Order());
        Assert.Equal((_model.DocumentStart, 0), (loaded.DocumentStart, loaded.Prefix.Count));
        Assert.NotNull(loaded.Template);
        Assert.True(loaded.Created > 0);
        var request = new EngineRequest { Prompt = Tokenizer.Encode("the cat"), Sampling = new() { Seed = 4 }, MaxOutputTokens = 40 };
        Assert.Equal(await Run(_model, request), await Run(loaded, request));
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.Q8_0)]
    public async Task ASmallerGgufAnswersToo(DType type)
    {
        var file = _folder.File("tiny.gguf");
        _model.ExportGguf(file, type);
        using var loaded = LoadedModel.Load(file, "renamed");
        Assert.Equal("renamed", loaded.Id);
        var request = new EngineRequest { Prompt = Tokenizer.Encode("the cat"), Sampling = new() { Seed = 4, Temperature = 0 }, MaxOutputTokens = 10 };
        Assert.Equal(10, (await Run(loaded, request)).Length);
    }

    [Fact]
    public async Task ACheckpointGivesTheSameTokens()
    {
        var folder = _folder.File("step-10");
        Checkpoint.Save(folder, new() { Decoder = _model.Decoder, Tokenizer = Tokenizer.ToJson(), Lineage = new("run", null, 1, null, 10) });
        using var loaded = LoadedModel.Load(folder + Path.DirectorySeparatorChar);
        Assert.Equal(("step-10", _model.Decoder.WeightsId), (loaded.Id, loaded.Decoder.WeightsId));
        var request = new EngineRequest { Prompt = Tokenizer.Encode("a tale"), Sampling = new() { Seed = 4 }, MaxOutputTokens = 20 };
        Assert.Equal(await Run(_model, request), await Run(loaded, request));
    }

    [Fact]
    public void AFolderWithoutAManifestIsReadAsHuggingFaces()
    {
        var folder = _folder.File("tiny-hf");
        Checkpoint.Save(folder, new() { Decoder = _model.Decoder, Tokenizer = Tokenizer.ToJson(), Lineage = new("run", null, 1, null, 10) });
        File.Delete(Path.Combine(folder, CheckpointManifest.FileName));
        using (var loaded = LoadedModel.Load(folder))
        {
            Assert.Equal(("tiny-hf", _model.Decoder.WeightsId), (loaded.Id, loaded.Decoder.WeightsId));
        }

        File.Delete(Path.Combine(folder, Checkpoint.TokenizerFile));
        Assert.Contains("tokenizer.json' is missing", Assert.Throws<ModelFormatException>(() => LoadedModel.Load(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AddedTokensThatTheModelHasNoRowsForAreLeftOut(bool isOurs)
    {
        var folder = _folder.File("tiny-gemma");
        Checkpoint.Save(folder, new() { Decoder = _model.Decoder, Tokenizer = WithToken("added_tokens"), Lineage = new("run", null, 1, null, 10) });
        if (!isOurs)
        {
            File.Delete(Path.Combine(folder, CheckpointManifest.FileName));
        }

        using var loaded = LoadedModel.Load(folder);
        Assert.Equal(Tokenizer.VocabularySize, loaded.Tokenizer.VocabularySize);
        Assert.Equal(Tokenizer.Encode("<image_soft_token>"), loaded.Tokenizer.Encode("<image_soft_token>", new(ParseSpecial: true)));
    }

    [Fact]
    public void ATokenOfTheVocabularyThatTheModelHasNoRowForIsRefused()
    {
        var folder = _folder.File("tiny-wrong");
        Checkpoint.Save(folder, new() { Decoder = _model.Decoder, Tokenizer = WithToken("vocab"), Lineage = new("run", null, 1, null, 10) });
        var error = Assert.Throws<ModelFormatException>(() => LoadedModel.Load(folder));
        Assert.Contains($"has {Tokenizer.VocabularySize + 1} ids and the model {Tokenizer.VocabularySize}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIdThatNoTextHasIsPaddingInTheGguf()
    {
        var root = JsonNode.Parse(Tokenizer.ToJson())!;
        root["model"]!["vocab"]!["zz"] = Tokenizer.VocabularySize + 1;
        var tokenizer = BpeTokenizer.FromJson(System.Text.Encoding.UTF8.GetBytes(root.ToJsonString()));
        var file = _folder.File("hole.gguf");
        using var model = new LoadedModel("hole", Decoder.Initialize(TinyModel.Config with { VocabularySize = tokenizer.VocabularySize }, 3), tokenizer);
        model.ExportGguf(file, DType.F32);
        using var reader = GgufReader.Open(file);
        var hole = Tokenizer.VocabularySize;
        Assert.Equal(($"[PAD{hole}]", 5), (reader.Metadata.Texts("tokenizer.ggml.tokens")[hole], reader.Metadata.Integers("tokenizer.ggml.token_type")[hole]));
    }

    [Fact]
    public void TheGgufTellsLlamaCppWhatItNeeds()
    {
        var file = _folder.File("tiny.gguf");
        using var padded = new LoadedModel("padded", Decoder.Initialize(TinyModel.Config with { VocabularySize = 288 }, 3), Tokenizer);
        padded.ExportGguf(file, DType.F32);
        using var reader = GgufReader.Open(file);
        var metadata = reader.Metadata;
        Assert.Equal(("padded", "gpt2", "qwen2"), (metadata.Text("general.name"), metadata.Text("tokenizer.ggml.model"), metadata.Text("tokenizer.ggml.pre")));
        Assert.Equal(288, metadata.Texts("tokenizer.ggml.tokens").Count);
        Assert.Equal(288, metadata.Integers("tokenizer.ggml.token_type").Count);
        Assert.Equal(Tokenizer.Merges, metadata.Texts("tokenizer.ggml.merges"));
        Assert.Equal(Tokenizer.Special.ImEnd, metadata.Integer("tokenizer.ggml.eos_token_id"));
        Assert.Equal(Tokenizer.Special.EndOfText, metadata.Integer("tokenizer.ggml.bos_token_id"));
        Assert.False(metadata["tokenizer.ggml.add_bos_token"].AsFlag());
        Assert.Equal(ChatTemplate.ChatMlJinja, metadata.Text("tokenizer.chat_template"));
    }

    [Fact]
    public void WhatCannotBeLoadedIsNamedWithTheRemedy()
    {
        AssertRefused(_folder.File("none.gguf"), "does not exist; give a .gguf file or a checkpoint folder");
        File.WriteAllText(_folder.File("text.gguf"), "not a model");
        AssertRefused(_folder.File("text.gguf"), "GGUF");
        var whole = _folder.File("whole.gguf");
        _model.ExportGguf(whole, DType.F32);
        File.WriteAllBytes(_folder.File("cut.gguf"), File.ReadAllBytes(whole)[..^1000]);
        AssertRefused(_folder.File("cut.gguf"), "cut.gguf");
        Directory.CreateDirectory(_folder.File("empty"));
        AssertRefused(_folder.File("empty"), "manifest.json");
    }

    [Fact]
    public void ATokenizerTooLargeForTheModelIsRefused()
    {
        using var decoder = TinyModel.Create();
        Assert.Contains($"{Tokenizer.VocabularySize} ids and the model 72", Assert.Throws<ModelFormatException>(() => new LoadedModel("x", decoder, Tokenizer)).Message, StringComparison.Ordinal);
    }

    // The tokenizer with one token more: an added one, or one of the vocabulary.
    private static byte[] WithToken(string place)
    {
        var root = JsonNode.Parse(Tokenizer.ToJson())!;
        var id = Tokenizer.VocabularySize;
        if (place == "vocab")
        {
            root["model"]!["vocab"]!["<image_soft_token>"] = id;
        }
        else
        {
            root["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = id, ["content"] = "<image_soft_token>", ["special"] = true });
        }

        return System.Text.Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static void AssertRefused(string path, string part)
    {
        var error = Assert.Throws<ModelFormatException>(() => LoadedModel.Load(path));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(path), error.Message, StringComparison.Ordinal);
    }

    private static async Task<int[]> Run(LoadedModel model, EngineRequest request)
    {
        await using var driver = new EngineDriver(model.Decoder);
        return driver.Run(request)[0].Tokens();
    }
}
