using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Corpus.Bundled;

/// <summary>What a corpus holds, by licence: the figures of the model card, also written as corpus.json.</summary>
public sealed record BundledReport
{
    public const string FileName = "corpus.json";

    public required long Documents { get; init; }

    public required long Characters { get; init; }

    public required long HeldOutDocuments { get; init; }

    public required long HeldOutCharacters { get; init; }

    public required long Dialogues { get; init; }

    public required long DialogueCharacters { get; init; }

    public required long HeldOutDialogues { get; init; }

    /// <summary>Pretraining characters under each licence.</summary>
    public required IReadOnlyDictionary<string, long> CharactersByLicence { get; init; }

    /// <summary>Dialogues under each licence.</summary>
    public required IReadOnlyDictionary<string, long> DialoguesByLicence { get; init; }

    /// <summary>Dialogues from each source: attribution for those whose licence asks for it.</summary>
    public required IReadOnlyDictionary<string, long> DialoguesBySource { get; init; }

    /// <summary>Books left out because their text is free in the United States only.</summary>
    public required IReadOnlyList<string> BooksLeftOut { get; init; }

    public void Print(TextWriter writer)
    {
        FormattableString[] lines =
        [
            $"pretraining {Documents:N0} documents, {Characters:N0} characters; held out {HeldOutDocuments:N0} documents, {HeldOutCharacters:N0} characters",
            $"fine-tuning {Dialogues:N0} dialogues, {DialogueCharacters:N0} characters; held out {HeldOutDialogues:N0} dialogues",
            $"{BooksLeftOut.Count} books left out: public domain in the United States only",
        ];
        foreach (var line in lines)
            writer.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BundledJson.Default.BundledReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(BundledReport))]
internal sealed partial class BundledJson : JsonSerializerContext;
