using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>What the shards of a run were made of, kept beside them, so that shards of other text are never taken for them.</summary>
/// <param name="Texts">SHA-256 of each text file, in order.</param>
/// <param name="Tokenizer">SHA-256 of the tokenizer.json that was given; null where one was trained on the text.</param>
/// <param name="Vocabulary">Of a tokenizer that was trained, at most; null where one was given.</param>
internal sealed record TextOrigin(IReadOnlyList<string> Texts, string? Tokenizer, int? Vocabulary)
{
    private const string FileName = "made-of.json";

    /// <exception cref="InvalidDataException">A path does not exist or a folder holds no text.</exception>
    public static TextOrigin Of(IEnumerable<string> data, string? tokenizerFile, int vocabulary) => new(
        FileHashes.Of(TextSources.FilesOf(data)),
        tokenizerFile is null ? null : FileHashes.Of(tokenizerFile),
        tokenizerFile is null ? vocabulary : null);

    /// <summary>Whether a folder's shards were made of this.</summary>
    public bool IsOf(string shards) => Path.Combine(shards, FileName) is var file && File.Exists(file) && File.ReadAllText(file) == ToJson();

    public void Write(string shards) => File.WriteAllText(Path.Combine(shards, FileName), ToJson());

    private string ToJson() => JsonSerializer.Serialize(this, TextOriginJson.Default.TextOrigin);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(TextOrigin))]
internal sealed partial class TextOriginJson : JsonSerializerContext;
