using System.Text.Json;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// Descriptions of what an answer may look like to constraints for one tokenizer. What cannot be honoured exactly, or not within the limits, is
/// refused: a constraint never lets through what its description forbids.
/// </summary>
public static class ConstraintCompiler
{
    private const int End = GrammarBuilder.End;

    /// <summary>Any JSON object.</summary>
    public static CompiledConstraint AnyJsonObject(Tokenizer tokenizer) => Compile(tokenizer, parts => parts.AnyObject(End));

    /// <summary>JSON that is valid against a schema (draft 2020-12), keys in the schema's order.</summary>
    /// <exception cref="ConstraintException">The schema is malformed, too large, or asks for what cannot be honoured exactly; names the place.</exception>
    public static CompiledConstraint FromJsonSchema(JsonElement schema, Tokenizer tokenizer) => Compile(tokenizer, parts => Schema(parts, schema));

    /// <summary>Text that matches a regular expression (ECMA-262) from beginning to end.</summary>
    /// <exception cref="ConstraintException">It is malformed, not regular, or too large.</exception>
    public static CompiledConstraint FromRegex(string pattern, Tokenizer tokenizer) => Compile(tokenizer, parts => Regex(parts, pattern));

    /// <summary>One of some texts.</summary>
    /// <exception cref="ConstraintException">There is none, or one is empty.</exception>
    public static CompiledConstraint FromChoice(IReadOnlyList<string> choices, Tokenizer tokenizer) => Compile(tokenizer, parts => Choice(parts, choices));

    /// <summary>Text of a context-free grammar in llama.cpp's notation (GBNF), from the rule named root.</summary>
    /// <exception cref="ConstraintException">It is malformed, too large, or a rule begins with itself.</exception>
    public static CompiledConstraint FromGrammar(string rules, Tokenizer tokenizer) => Compile(tokenizer, parts => Rules(parts, rules));

    /// <summary>What a request asks for.</summary>
    /// <exception cref="ConstraintException">As the other methods.</exception>
    public static CompiledConstraint From(GenerationConstraint constraint, Tokenizer tokenizer) => Compile(tokenizer, parts => Write(parts, constraint));

    /// <summary>As above, as the beginning of the last part of a grammar.</summary>
    internal static int Write(JsonParts parts, GenerationConstraint constraint)
    {
        switch (constraint)
        {
            case GenerationConstraint.JsonObject:
                return parts.AnyObject(End);
            case GenerationConstraint.JsonSchema schema:
                using (var document = JsonDocument.Parse(schema.Schema, new JsonDocumentOptions { MaxDepth = 256 }))
                {
                    return Schema(parts, document.RootElement);
                }

            case GenerationConstraint.Regex regex:
                return Regex(parts, regex.Pattern);
            case GenerationConstraint.Choice choice:
                return Choice(parts, choice.Texts);
            case GenerationConstraint.Grammar grammar:
                return Rules(parts, grammar.Rules);
            default:
                throw new ConstraintException($"Constraints of the kind {constraint.GetType().Name} are not supported.");
        }
    }

    internal static CompiledConstraint Compile(Tokenizer tokenizer, Func<JsonParts, int> write)
    {
        var vocabulary = TokenVocabulary.Of(tokenizer);
        var parts = new JsonParts(new GrammarBuilder(), vocabulary.Alphabet);
        var start = parts.Builder.Rule(write(parts));
        return new CompiledConstraint(parts.Builder.Build(start, vocabulary.Alphabet), vocabulary, parts.Budget.Steps);
    }

    private static int Schema(JsonParts parts, JsonElement schema) =>
        parts.Builder.Call(new SchemaGrammar(parts, new ShapeExpander(schema, parts.Budget)).Write(Formula.Of(schema, "")), End);

    private static int Regex(JsonParts parts, string pattern)
    {
        var machine = new StringMachine(PatternCompiler.Compile(PatternParser.Parse(pattern), full: true, parts.Budget), 0, -1, isJson: false, parts.Alphabet);
        return machine.IsEmpty ? throw new ConstraintException("No text matches the regular expression.") : parts.Builder.Text(machine, End);
    }

    private static int Choice(JsonParts parts, IReadOnlyList<string> choices) => choices.Count == 0 || choices.Any(choice => choice.Length == 0)
        ? throw new ConstraintException("A choice needs at least one text, and none may be empty.")
        : parts.Words(choices, End);

    private static int Rules(JsonParts parts, string rules) => parts.Builder.Call(GrammarParser.Parse(rules, parts.Builder, parts.Alphabet), End);
}
