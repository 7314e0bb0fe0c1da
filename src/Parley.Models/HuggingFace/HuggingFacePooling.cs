using System.Text.Json;

namespace Parley.Models;

/// <summary>How a folder of sentence-transformers' pools: 1_Pooling/config.json beside the model. Without it the family's way stays.</summary>
internal static class HuggingFacePooling
{
    private static readonly (string Key, Pooling Pooling)[] Modes =
        [("pooling_mode_cls_token", Pooling.First), ("pooling_mode_mean_tokens", Pooling.Mean), ("pooling_mode_lasttoken", Pooling.Last)];

    /// <exception cref="ModelFormatException">The file is damaged, or names a kind of pooling that is not computed.</exception>
    public static ModelConfig Read(string folder, ModelConfig config)
    {
        var path = Path.Combine(folder, "1_Pooling", "config.json");
        if (!File.Exists(path))
        {
            return config;
        }

        try
        {
            using var document = JsonDocument.Parse(HuggingFaceModel.ReadConfig(path));
            var fields = new JsonFields(document.RootElement, path);
            var asked = Modes.Where(mode => fields.Flag(mode.Key, absent: false)).ToArray();
            return asked.Length == 1
                ? config with { Pooling = asked[0].Pooling }
                : throw fields.Error(Modes[0].Key, "one of cls_token, mean_tokens and lasttoken must be true; other kinds of pooling, and several at once, are not supported.");
        }
        catch (JsonException error)
        {
            throw ModelFormatException.At(path, null, error.BytePositionInLine, "is not valid JSON. Restore the file from its source.", error);
        }
    }
}
