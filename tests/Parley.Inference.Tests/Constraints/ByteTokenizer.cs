using System.Text;
using Parley.Text;

namespace Parley.Inference.Tests.Constraints;

/// <summary>A fake byte-level tokenizer: every byte, pieces of JSON that cross its borders as real vocabularies have them, an end token.</summary>
internal sealed class ByteTokenizer : Tokenizer
{
    public const int End = 0;

    private static readonly string[] Pieces =
    [
        "{\"", "\":", "\": ", "\",", "\", ", "\"}", "},", "}, {", "]}", "}}", "[]", "{}", "null", "true", "false", " \"", "\":\"", "\",\"", "\"],", "name", "na", "id", "10", "123",
        "00", "-1", "0.", " the", "ing", "é", "ne", "\\n", "\\u", "\\\"", "日本", "2024", "-01", "http", "://", "@", ".com",
    ];

    private static readonly byte[][] Bytes =
        [[], .. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. Pieces.Select(Encoding.UTF8.GetBytes), [0xE6, 0x97], [0xA5, (byte)'"']];

    public static ByteTokenizer Instance { get; } = new();

    public override int VocabularySize => Bytes.Length;

    public override SpecialTokens Special { get; } = new(new Dictionary<string, int>(StringComparer.Ordinal) { [SpecialTokens.EndOfTextName] = End });

    public override string Hash => "bytes";

    public override int[] Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    public override int[] Encode(ReadOnlySpan<byte> utf8) => [.. utf8.ToArray().Select(value => value + 1)];

    public override ReadOnlySpan<byte> TokenBytes(int id) => Bytes[id];
}
