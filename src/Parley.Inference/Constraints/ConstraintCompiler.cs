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
    /// <summary>Any JSON object.</summary>
    public static CompiledConstraint AnyJsonObject(Tokenizer tokenizer) => Compile(tokenizer, parts => parts.AnyObject(GrammarBuilder.End));

    /// <summary>JSON that is valid against a schema (draft 2020-12), keys in the schema's order.</summary>
    /// <exception cref="ConstraintException">The schema is malformed, too large, or asks for what cannot be honoured exactly; names the place.</exception>
    public static CompiledConstraint FromJsonSchema(JsonElement schema, Tokenizer tokenizer) => Compile(tokenizer, parts =>
    {
        var grammar = new SchemaGrammar(parts, new ShapeExpander(schema));
        return parts.Builder.Call(grammar.Write(Formula.Of(schema, "")), GrammarBuilder.End);
    });

    /// <summary>Text that matches a regular expression (ECMA-262) from beginning to end.</summary>
    /// <exception cref="ConstraintException">It is malformed, not regular, or too large.</exception>
    public static CompiledConstraint FromRegex(string pattern, Tokenizer tokenizer) => Compile(tokenizer, parts =>
    {
        var machine = new StringMachine(PatternCompiler.Compile(PatternParser.Parse(pattern), full: true), 0, -1, isJson: false, parts.Alphabet);
        return machine.IsEmpty ? throw new ConstraintException("No text matches the regular expression.") : parts.Builder.Text(machine, GrammarBuilder.End);
    });

    /// <summary>One of some texts.</summary>
    /// <exception cref="ConstraintException">There is none, or one is empty.</exception>
    public static CompiledConstraint FromChoice(IReadOnlyList<string> choices, Tokenizer tokenizer)
    {
        if (choices.Count == 0 || choices.Any(choice => choice.Length == 0))
        {
            throw new ConstraintException("A choice needs at least one text, and none may be empty.");
        }

        return Compile(tokenizer, parts => parts.Words(choices, GrammarBuilder.End));
    }

    /// <summary>Text of a context-free grammar in llama.cpp's notation (GBNF), from the rule named root.</summary>
    /// <exception cref="ConstraintException">It is malformed, too large, or a rule begins with itself.</exception>
    public static CompiledConstraint FromGrammar(string rules, Tokenizer tokenizer) =>
        Compile(tokenizer, parts => parts.Builder.Call(GrammarParser.Parse(rules, parts.Builder, parts.Alphabet), GrammarBuilder.End));

    /// <summary>What a request asks for.</summary>
    /// <exception cref="ConstraintException">As the other methods.</exception>
    public static CompiledConstraint From(GenerationConstraint constraint, Tokenizer tokenizer)
    {
        switch (constraint)
        {
            case GenerationConstraint.JsonObject:
                return AnyJsonObject(tokenizer);
            case GenerationConstraint.JsonSchema schema:
                using (var document = JsonDocument.Parse(schema.Schema, new JsonDocumentOptions { MaxDepth = 256 }))
                {
                    return FromJsonSchema(document.RootElement, tokenizer);
                }

            case GenerationConstraint.Regex regex:
                return FromRegex(regex.Pattern, tokenizer);
            case GenerationConstraint.Choice choice:
                return FromChoice(choice.Texts, tokenizer);
            case GenerationConstraint.Grammar grammar:
                return FromGrammar(grammar.Rules, tokenizer);
            default:
                throw new ConstraintException($"Constraints of the kind {constraint.GetType().Name} are not supported.");
        }
    }

    internal static CompiledConstraint Compile(Tokenizer tokenizer, Func<JsonParts, int> write)
    {
        var vocabulary = TokenVocabulary.Of(tokenizer);
        var parts = new JsonParts(new GrammarBuilder(), vocabulary.Alphabet);
        var start = parts.Builder.Rule(write(parts));
        return new CompiledConstraint(parts.Builder.Build(start, vocabulary.Alphabet), vocabulary);
    }
}
