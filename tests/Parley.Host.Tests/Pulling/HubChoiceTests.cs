using Parley.Host.Pulling;

namespace Parley.Host.Tests.Pulling;

/// <summary>Which files of a repository are pulled, from the shapes that repositories have.</summary>
public sealed class HubChoiceTests
{
    private static readonly string[] Quantised =
    [
        "README.md", "Little-3B-Q4_K_M.gguf", "Little-3B-Q8_0.gguf", "Little-3B-IQ2_XXS.gguf", "Little-3B-UD-Q2_K_XL.gguf", "Little-3B-BF16.gguf",
        "big/Little-3B-F32-00001-of-00002.gguf", "big/Little-3B-F32-00002-of-00002.gguf", "broken/Little-3B-Q6_K-00001-of-00002.gguf", "mmproj-Little-F16.gguf",
    ];

    private static readonly string[] Folder =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "merges.txt", "LICENSE", "README.md", ".gitattributes",
        "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "consolidated.safetensors", "pytorch_model.bin",
        "onnx/model.onnx", "original/config.json",
    ];

    [Theory]
    [InlineData("hf:o/Little-3B-GGUF:q4_k_m", "Little-3B-Q4_K_M", "Little-3B-Q4_K_M.gguf")]
    [InlineData("hf:o/Little-3B-GGUF", "Little-3B-Q4_K_M", "Little-3B-Q4_K_M.gguf")]
    [InlineData("hf:o/Little-3B-GGUF:IQ2_XXS", "Little-3B-IQ2_XXS", "Little-3B-IQ2_XXS.gguf")]
    [InlineData("hf:o/Little-3B-GGUF:UD-Q2_K_XL", "Little-3B-UD-Q2_K_XL", "Little-3B-UD-Q2_K_XL.gguf")]
    [InlineData("hf:o/Little-3B:F32", "Little-3B-F32", "Little-3B-F32-00001-of-00002.gguf", "Little-3B-F32-00002-of-00002.gguf")]
    [InlineData("hf:o/Little-3B:Little-3B-BF16", "Little-3B-BF16", "Little-3B-BF16.gguf")]
    public void A_quantisation_is_found_by_its_name(string reference, string name, params string[] files)
    {
        var choice = Choose(reference, Quantised);
        Assert.Equal(name, choice.ModelName);
        Assert.Equal(files, choice.Files.Select(file => file.Name));
        Assert.Equal(files[0], choice.Entry);
    }

    [Theory]
    [InlineData("hf:o/l:Q3_K", "has no Q3_K; there are")]
    [InlineData("hf:o/l:Q3_K", "Q4_K_M (10 MB)")]
    [InlineData("hf:o/l:Q6_K", "1 of the 2 shards")]
    public void What_is_not_there_is_told_with_what_is(string reference, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<PullFailure>(() => Choose(reference, Quantised)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_folder_is_its_weights_and_small_files()
    {
        var choice = Choose("hf:o/little", Folder);
        Assert.Equal(("little", null), (choice.ModelName, choice.Entry));
        Assert.Equal(
            [
                "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "merges.txt", "LICENSE", "README.md", "model.safetensors.index.json",
                "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
            ],
            choice.Files.Select(file => file.Name));
        Assert.Equal("model.safetensors", Choose("hf:o/little", [.. Folder, "model.safetensors"]).Files[^1].Name);
        Assert.Contains("holds no GGUF file", Assert.Throws<PullFailure>(() => Choose("hf:o/little:Q8_0", Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_unusual_quantisations_must_be_named_and_an_empty_repository_is_none()
    {
        Assert.Contains("name one as hf:o/l:QUANT", Assert.Throws<PullFailure>(() => Choose("hf:o/l", ["a-Q2_K.gguf", "a-Q3_K_L.gguf"])).Message, StringComparison.Ordinal);
        Assert.Contains("holds no GGUF", Assert.Throws<PullFailure>(() => Choose("hf:o/l", ["README.md", "..", "a\\b.gguf"])).Message, StringComparison.Ordinal);
        Assert.Equal("strange", Choose("hf:o/l", ["strange.gguf"]).ModelName[2..]);
    }

    [Theory]
    [InlineData("hf:owner")]
    [InlineData("hf:a/b/c")]
    [InlineData("hf:../b")]
    [InlineData("hf:a/b:")]
    [InlineData("hf:a/b@")]
    [InlineData("a/b")]
    [InlineData("hf:a b/c")]
    public void A_reference_of_another_form_is_refused(string text) =>
        Assert.Contains("hf:OWNER/NAME", Assert.Throws<PullFailure>(() => HubReference.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_reference_may_name_quantisation_and_revision() =>
        Assert.Equal(new HubReference("a", "b.c", "Q8_0", "v1.0"), HubReference.Parse("hf:a/b.c:Q8_0@v1.0"));

    private static HubChoice Choose(string reference, string[] paths) =>
        HubChoice.Of(HubReference.Parse(reference), [.. paths.Select(path => new HubFile(path, 10_000_000, null))]);
}
