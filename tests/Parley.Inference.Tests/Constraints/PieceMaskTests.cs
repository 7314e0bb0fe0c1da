using System.Text;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference.Tests.Constraints;

/// <summary>
/// Masks over vocabularies that are not byte-level: SentencePiece's with its bytes and its space before every text, BERT's WordPiece. What masks let through
/// is a text of the form; every text of the form, cut as the tokenizer cuts it, is let through.
/// </summary>
public sealed class PieceMaskTests
{
    private const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Byte = 6, End = 2;

    private static readonly GenerationConstraint[] Forms =
    [
        new GenerationConstraint.JsonSchema(CallingModel.Form, "f"),
        new GenerationConstraint.JsonSchema("""{"type":"object","properties":{"naïve":{"enum":["日本","a b"," a"]},"n":{"type":"integer"}},"required":["naïve"],"additionalProperties":false}""", "f"),
        new GenerationConstraint.JsonSchema("""{"type":"array","items":{"type":"string","maxLength":5},"maxItems":3}""", "f"),
        new GenerationConstraint.Regex("(true|the)( a+b?| é){0,4}", "f"),
        new GenerationConstraint.Regex(" ?[a-z ]{1,9}", "f"),
        new GenerationConstraint.Choice(["a", "a b", "café", "😀 tab\t"], "f"),
    ];

    private static readonly Tokenizer Pieces = Sentence();

    [Fact]
    public void WhatMasksLetThroughIsATextOfTheForm()
    {
        var random = new Random(5);
        foreach (var form in Forms)
        {
            var (constraint, expected) = (ConstraintCompiler.From(form, Pieces), ConstraintCompiler.From(form, ByteTokenizer.Instance));
            var whole = 0;
            for (var round = 0; round < 40; round++)
            {
                whole += Walk(constraint, random) is { } text && Require(expected, text) ? 1 : 0;
            }

            Assert.True(whole > 8, $"{whole} texts of {form}");
        }
    }

    [Fact]
    public void EveryTextOfTheFormIsLetThrough()
    {
        var random = new Random(6);
        foreach (var form in Forms)
        {
            var (constraint, source) = (ConstraintCompiler.From(form, Pieces), ConstraintCompiler.From(form, ByteTokenizer.Instance));
            for (var round = 0; round < 40; round++)
            {
                if (SchemaWalk.Take(source, random) is not { } text)
                {
                    continue;
                }

                var at = constraint.Start([End], dropsFirstSpace: true);
                foreach (var token in Pieces.Encode(text))
                {
                    Assert.True(Allowed(at, Pieces).Contains(token) && at.Accept(token), $"'{Pieces.Describe([token])}' in '{text}'");
                }

                Assert.True(at.IsComplete, text);
            }
        }
    }

    [Fact]
    public void ATokenIsAllowedWhereItsBytesAre()
    {
        var random = new Random(7);
        foreach (var tokenizer in new[] { Pieces, Words() })
        {
            var constraint = ConstraintCompiler.From(new GenerationConstraint.Regex("[a-d]{1,6}(\\u00e9[a-d]){0,3}", "f"), tokenizer);
            var at = constraint.Start([End]);
            List<byte> text = [];
            for (var step = 0; step < 12; step++)
            {
                var allowed = Allowed(at, tokenizer);
                Assert.Equal(Enumerable.Range(0, tokenizer.VocabularySize).Where(id => Extends(constraint, tokenizer, text, id)), allowed.Where(id => id != End));
                Assert.Equal(constraint.Accepts([.. text]), allowed.Contains(End));
                if (allowed.All(id => id == End))
                {
                    break;
                }

                var next = allowed.Where(id => id != End).ElementAt(random.Next(allowed.Count(id => id != End)));
                Assert.True(at.Accept(next));
                text.AddRange(tokenizer.TokenBytes(next));
            }
        }
    }

    [Fact]
    public void AFormThatAVocabularyCannotWriteIsRefused() => Assert.Contains(
        "vocabulary cannot write", Assert.Throws<ConstraintException>(() => ConstraintCompiler.AnyJsonObject(Words())).Message, StringComparison.Ordinal);

    private static bool Extends(CompiledConstraint constraint, Tokenizer tokenizer, List<byte> text, int id)
    {
        if (tokenizer.Special.IsSpecial(id) || tokenizer.TokenBytes(id).IsEmpty)
        {
            return false;
        }

        // Read from the beginning, a byte at a time where bytes are tokens.
        var state = constraint.First(dropsFirstSpace: false);
        foreach (var value in text.Concat(tokenizer.TokenBytes(id).ToArray()))
        {
            var single = Enumerable.Range(0, tokenizer.VocabularySize).FirstOrDefault(token => tokenizer.TokenBytes(token) is [var only] && only == value, -1);
            state = constraint.Step(state, single);
        }

        return !ReferenceEquals(state, AutomatonState.Dead);
    }

    private static bool Require(CompiledConstraint expected, string text)
    {
        Assert.True(expected.Accepts(Encoding.UTF8.GetBytes(text)), text);
        return true;
    }

    // The shown text of a random way through the masks; null when it did not come to an end.
    private static string? Walk(CompiledConstraint constraint, Random random)
    {
        var (at, shown, text) = (constraint.Start([End], dropsFirstSpace: true), new StreamingDetokenizer(Pieces, startsText: true), "");
        for (var step = 0; step < 60; step++)
        {
            var allowed = Allowed(at, Pieces);
            if (allowed.Contains(End) && random.Next(3) == 0)
            {
                return text + shown.Flush();
            }

            // Pieces rather than bytes, or hardly anything would be whole.
            int[] longer = [.. allowed.Where(id => id != End && Pieces.TokenBytes(id).Length > 1)];
            var token = longer.Length > 0 && random.Next(3) > 0 ? longer[random.Next(longer.Length)] : allowed[random.Next(allowed.Length)];
            if (token == End)
            {
                return text + shown.Flush();
            }

            Assert.True(at.Accept(token));
            text += shown.Push(token);
        }

        return null;
    }

    private static int[] Allowed(TokenConstraint at, Tokenizer tokenizer)
    {
        var logits = new float[tokenizer.VocabularySize];
        at.Mask(logits);
        return [.. Enumerable.Range(0, logits.Length).Where(id => logits[id] == 0)];
    }

    private static Tokenizer Sentence()
    {
        string[] words =
        [
            "▁", "{", "}", "[", "]", "\"", ":", ",", "▁{", "▁{\"", "{\"", "\":", "\",", "▁\"", "\"}", "],", "[]", "true", "▁true", "false", "ok", "note", "na", "ve", "ï", "naïve", "n", "日", "本", "日本",
            "a", "b", "ab", "▁a", "▁ab", "▁b", "aa", "▁aa", "▁the", "the", "t", "h", "e", "é", "▁é", "caf", "▁caf", "😀", "▁😀", "1", "12", "0", "-1", "▁▁", "\\n", "\\u", "\t", "▁▁a",
        ];
        (string Text, float Score, int Type)[] pieces =
        [
            ("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control), ("<tool>", 0, UserDefined),
            .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, Byte)), .. words.Select((word, i) => (word, -1f - i, Normal)),
        ];
        return new GgufTokenizer
        {
            Model = "llama",
            Tokens = [.. pieces.Select(piece => piece.Text)],
            Scores = [.. pieces.Select(piece => piece.Score)],
            TokenTypes = [.. pieces.Select(piece => piece.Type)],
        }.Read();
    }

    private static Tokenizer Words()
    {
        string[] tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁a", "▁b", "▁ab", "a", "b", "c", "d", "bc", "dab", "é", "▁{", "éa"];
        return new GgufTokenizer
        {
            Model = "bert",
            Tokens = tokens,
            TokenTypes = [.. tokens.Select((_, i) => i < 4 ? Control : Normal)],
            BeginId = 2,
            SeparatorId = 3,
            UnknownId = 1,
        }.Read();
    }
}
