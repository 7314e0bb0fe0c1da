using System.Text;
using Parley.Text;

namespace Parley.Inference.Tests;

/// <summary>A fake tokenizer of 72 ids whose every text a person can read: letters, digits, a few pairs, two halves of 'é', ChatML.</summary>
internal sealed class LetterTokenizer : Tokenizer
{
    private static readonly string[] Texts =
        [.. "abcdefghijklmnopqrstuvwxyz0123456789 \n.,!?".Select(letter => letter.ToString()), .. "the and ing ion en er re on at ou it is or ti hi as te et nd al".Split(' ')];

    private static readonly byte[][] Bytes = [.. Texts.Select(Encoding.UTF8.GetBytes), [0xC3], [0xA9], [], [], []];

    public const int FirstHalf = 62;
    public const int SecondHalf = 63;
    public const int EndOfText = 64;
    public const int ImStart = 65;
    public const int ImEnd = 66;

    public override int VocabularySize => Bytes.Length;

    public override SpecialTokens Special { get; } = new(new Dictionary<string, int>(StringComparer.Ordinal)
    {
        [SpecialTokens.EndOfTextName] = EndOfText, [SpecialTokens.ImStartName] = ImStart, [SpecialTokens.ImEndName] = ImEnd,
    });

    public override string Hash => "letters";

    public override int[] Encode(string text) => [.. text.Select(letter => Array.IndexOf(Texts, letter.ToString()))];

    public override int[] Encode(ReadOnlySpan<byte> utf8) => Encode(Encoding.UTF8.GetString(utf8));

    public override ReadOnlySpan<byte> TokenBytes(int id) => Bytes[id];
}
