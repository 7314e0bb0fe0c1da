using System.Text;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference.Tests.Constraints;

/// <summary>What hostile forms cost, in steps that are counted and are the same on every machine: compiling them, and each mask.</summary>
public sealed class ConstraintWorkTests
{
    private const int Walk = 60; // tokens

    [Theory]
    [InlineData("(a{1,100}){1,100}")]
    [InlineData("(a|b|ab){1,3000}")]
    [InlineData("([a-z]{1,90}[0-9]?){1,60}")]
    [InlineData("((a?){40}b?){40}")]
    public void APatternWithFewStatesButLargeOnesIsRefusedSoon(string pattern)
    {
        var error = Assert.Throws<ConstraintException>(() => ConstraintCompiler.FromRegex(pattern, ByteTokenizer.Instance));
        Assert.Contains($"{WorkBudget.MostSteps:N0} steps", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[a-z]{1,500}", 30_000)]
    [InlineData("(\\d{3}-){2}\\d{4}", 2_000)]
    [InlineData("(.|\\n){0,4000}", 1_000_000)]
    public void AnOrdinaryPatternCostsLittle(string pattern, int steps) =>
        Assert.InRange(ConstraintCompiler.FromRegex(pattern, ByteTokenizer.Instance).CompileSteps, 1, steps);

    [Fact]
    public void WhereAPartMatchesTheRestDoesNotMatter()
    {
        var schema = new GenerationConstraint.JsonSchema("""{"type":"string","pattern":"[a-z]{1,5000}"}""", "f");
        var constraint = ConstraintCompiler.From(schema, ByteTokenizer.Instance);
        Assert.InRange(constraint.CompileSteps, 1, 200_000);
        Assert.True(constraint.Accepts("\"0a0\""u8));
        Assert.False(constraint.Accepts("\"0A0\""u8));
    }

    [Theory]
    [InlineData("root ::= (.?){0,10000}")]
    [InlineData("root ::= (\"a\"?){0,10000}")]
    [InlineData("root ::= ((((\"a\"*)*)*)*){7,9000}")]
    [InlineData("root ::= x{3,9000} \"!\"\nx ::= (\"a\" | \"b\")?")]
    public void TextsThatMayBeEmptyAreNotCounted(string rules)
    {
        var constraint = ConstraintCompiler.FromGrammar(rules, ByteTokenizer.Instance);
        Assert.True(constraint.Accepts(rules.Contains('!', StringComparison.Ordinal) ? "!"u8 : ""u8));
        Follow(constraint, ByteTokenizer.Instance, Walk);
        Assert.InRange(constraint.MostMaskPlaces, 1, 20_000);
        Assert.InRange(constraint.Visits, 1, 2_000_000); // a hundred times as many where each empty text counts
    }

    [Fact]
    public void EmptyTextsAreStillTexts()
    {
        var constraint = ConstraintCompiler.FromGrammar("root ::= (\"a\"?){2,3} \"b\"", ByteTokenizer.Instance);
        Assert.All((string[])["b", "ab", "aab", "aaab"], text => Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
        Assert.All((string[])["", "a", "aaaab"], text => Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
        var separated = ConstraintCompiler.From(new GenerationConstraint.JsonSchema("""{"type":"array","items":{"enum":[1,2]},"minItems":2}""", "f"), ByteTokenizer.Instance);
        Assert.True(separated.Accepts("[1,2]"u8));
        Assert.False(separated.Accepts("[1]"u8));
    }

    [Fact]
    public void ManyAlternativesOfWhichFewBeginAlikeAreAllKept()
    {
        string[] words = [.. Enumerable.Range(0, 5000).Select(number => $"w{number}")];
        var constraint = ConstraintCompiler.FromGrammar("root ::= " + string.Join(" | ", words.Select(word => $"\"{word}\"")), ByteTokenizer.Instance);
        Assert.All(words.Where((_, i) => i % 500 == 0).Append(words[^1]), word => Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(word)), word));
        Assert.False(constraint.Accepts("w5000"u8));
    }

    [Fact]
    public void ARuleThatManyPlacesCallReturnsToAllOfThem()
    {
        var calls = string.Join(" | ", Enumerable.Range(0, 3000).Select(number => $"x \"{number}!\""));
        var constraint = ConstraintCompiler.FromGrammar($"root ::= {calls}\nx ::= [a-c] | [a-c] [a-c]", ByteTokenizer.Instance);
        Assert.All((string[])["a0!", "bc1500!", "c2999!"], text => Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
        Assert.All((string[])["a3000!", "abc7!", "1!"], text => Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
    }

    // Very ambiguous: after n letters anything from n / 2 to n parts were written, and a large vocabulary asks for each of thousands of tokens.
    [Fact]
    public void AMaskThatIsTooDearLosesLongerTokensAndNothingElse()
    {
        const string rules = "root ::= ([a-z] | [a-z] [a-z]){0,10000}";
        var tokenizer = new TripleTokenizer();
        var constraint = ConstraintCompiler.FromGrammar(rules, tokenizer);
        var (state, text) = (constraint.Start([]), new string('q', 700));
        foreach (var token in tokenizer.Encode(text))
        {
            Assert.True(state.Accept(token));
        }

        var allowed = Allowed(state, tokenizer);
        Assert.All(Enumerable.Range('a', 26), letter => Assert.Contains(letter, allowed)); // single bytes are their own ids
        Assert.InRange(allowed.Length, 27, tokenizer.VocabularySize - 1000);
        Assert.All(allowed, token => Assert.Matches("^[a-z]+$", tokenizer.DecodeText([token])));
        Assert.InRange(constraint.MostMaskPlaces, TokenTrie.MostPlaces, 2 * TokenTrie.MostPlaces);

        // Whatever was asked before, and however the text came about.
        var other = ConstraintCompiler.FromGrammar(rules, tokenizer);
        Follow(other, tokenizer, 20);
        var again = other.Start([]);
        foreach (var triple in Enumerable.Repeat(tokenizer.Triple("qqq"), 233).Append('q'))
        {
            Assert.True(again.Accept(triple));
        }

        Assert.Equal(allowed, Allowed(again, tokenizer));
    }

    private static void Follow(CompiledConstraint constraint, Tokenizer tokenizer, int tokens)
    {
        var (state, random) = (constraint.Start([ByteTokenizer.End]), new Random(3));
        for (var i = 0; i < tokens; i++)
        {
            var allowed = Allowed(state, tokenizer).Where(token => token != ByteTokenizer.End).ToArray();
            if (allowed.Length == 0)
            {
                return;
            }

            Assert.True(state.Accept(allowed[random.Next(allowed.Length)]));
        }
    }

    private static int[] Allowed(TokenConstraint state, Tokenizer tokenizer)
    {
        var logits = new float[tokenizer.VocabularySize];
        state.Mask(logits);
        return [.. Enumerable.Range(0, logits.Length).Where(token => logits[token] == 0)];
    }

    /// <summary>Bytes, and every three letters.</summary>
    private sealed class TripleTokenizer : Tokenizer
    {
        private static readonly byte[][] Bytes =
        [
            .. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }),
            .. Enumerable.Range(0, 26 * 26 * 26).Select(i => new[] { (byte)('a' + (i / 676)), (byte)('a' + (i / 26 % 26)), (byte)('a' + (i % 26)) }),
        ];

        public override int VocabularySize => Bytes.Length;

        public override SpecialTokens Special { get; } = new(new Dictionary<string, int>(StringComparer.Ordinal));

        public override string Hash => "triples";

        public int Triple(string letters) => 256 + letters.Aggregate(0, (id, letter) => (id * 26) + letter - 'a');

        public override int[] Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

        public override int[] Encode(ReadOnlySpan<byte> utf8) => [.. utf8.ToArray().Select(value => (int)value)];

        public override ReadOnlySpan<byte> TokenBytes(int id) => Bytes[id];
    }
}
