using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Parley.Host.Verification;

/// <summary>llama.cpp's vectors as numbers in a file, so that they can be compared with where llama.cpp is not.</summary>
internal static class RecordedEmbeddings
{
    public static void Write(string path, IReadOnlyDictionary<string, IReadOnlyList<float[]>> vectors)
    {
        // One vector a line.
        var cases = vectors.Select(entry => $"  {JsonSerializer.Serialize(entry.Key)}: [\n{string.Join(",\n", entry.Value.Select(vector => $"    [{Numbers(vector)}]"))}\n  ]");
        File.WriteAllText(path, $"{{\n{string.Join(",\n", cases)}\n}}\n", new UTF8Encoding(false));
    }

    public static Dictionary<string, float[][]> Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.EnumerateObject().ToDictionary(
            entry => entry.Name,
            entry => entry.Value.EnumerateArray().Select(vector => vector.EnumerateArray().Select(number => number.GetSingle()).ToArray()).ToArray(),
            StringComparer.Ordinal);
    }

    private static string Numbers(float[] vector) => string.Join(", ", vector.Select(number => number.ToString("G7", CultureInfo.InvariantCulture)));
}
