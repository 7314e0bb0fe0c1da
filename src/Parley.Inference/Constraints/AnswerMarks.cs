using Parley.Text;

namespace Parley.Inference;

/// <summary>The marks that a template puts around thoughts and calls, as pieces of a grammar: the control token where the vocabulary has one, else its letters.</summary>
internal sealed class AnswerMarks(JsonParts parts, Tokenizer tokenizer)
{
    public JsonParts Parts { get; } = parts;

    public int Write(string mark, int next) => tokenizer.Special.TryGet(mark, out var id) ? Parts.Builder.Token(id, next) : Parts.Builder.Literal(mark, next);

    /// <summary>Any text in which a mark's letters do not stand.</summary>
    public StringMachine TextWithout(string mark) => new(Without($"[\\s\\S]*{Escaped(mark)}[\\s\\S]*"), 0, -1, isJson: false, Parts.Alphabet);

    /// <summary>Texts that a pattern does not match.</summary>
    public static TextAutomaton Without(string pattern) => PatternCompiler.Compile(PatternParser.Parse(pattern), full: true, new()).Complement();

    public static string Escaped(string text) =>
        string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '<' or '>' ? letter.ToString() : "\\" + letter));
}
