using System.Text.Json;
using Parley.Testing;

namespace Parley.Text.Tests;

/// <summary>Ids of 200 lines against llama.cpp's, for GPT-2's vocabulary under each split pattern known here.</summary>
public sealed class OracleTests
{
    [Theory]
    [InlineData("gpt-2.ids.json", "gpt-2")]
    [InlineData("gpt-2+pre=llama-bpe.ids.json", "llama-bpe")]
    [InlineData("gpt-2+pre=qwen2.ids.json", "qwen2")]
    public void Ids_equal_the_oracles(string expectedFile, string pre)
    {
        var folder = Path.Combine(SharedData.Folder("oracles"), "tok");
        var tokenizer = Load(Path.Combine(folder, "ggml-vocab-gpt-2.gguf"), pre);
        var lines = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(folder, "lines.json")))!;
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, expectedFile)));
        var ids = expected.RootElement.GetProperty("ids").Deserialize<int[][]>()!;
        Assert.Equal(200, lines.Length);
        for (var line = 0; line < lines.Length; line++)
        {
            // The oracle parses special tokens in the text, which ordinary text here never does.
            if (!lines[line].Contains("<|endoftext|>", StringComparison.Ordinal))
                Assert.True(ids[line].SequenceEqual(tokenizer.Encode(lines[line])), $"line {line} ({JsonSerializer.Serialize(lines[line])}) differs");
        }
    }

    private static BpeTokenizer Load(string path, string pre)
    {
        var metadata = GgufMetadata.Read(path);
        return BpeTokenizer.FromGgufVocabulary(
            Strings(metadata["tokenizer.ggml.tokens"]),
            Strings(metadata["tokenizer.ggml.merges"]),
            [.. ((object[])metadata["tokenizer.ggml.token_type"]).Cast<int>()],
            pre);
    }

    private static string[] Strings(object values) => [.. ((object[])values).Cast<string>()];
}
