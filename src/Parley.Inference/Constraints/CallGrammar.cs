using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// Answers whose calls always parse and are valid against their function's schema, in the model's own format. When a call is forced the answer is calls
/// and nothing else; when only some functions are strict it is words in which no call begins, calls, or both.
/// </summary>
internal static class CallGrammar
{
    private const int End = GrammarBuilder.End;

    /// <summary>Whether what the model may write depends on the tools.</summary>
    public static bool IsNeeded(ToolSettings? tools) => tools is { Choice: ToolChoice.Required } || (tools is { Choice: ToolChoice.Auto } && tools.Tools.Any(tool => tool.Strict));

    /// <summary>Whether thoughts have no place in such an answer.</summary>
    public static bool ShutsThoughts(ToolSettings? tools, CallFormat format) =>
        tools is { Choice: ToolChoice.Required } || (IsNeeded(tools) && format.Close is null);

    /// <param name="isOpen">The prompt opened the call.</param>
    /// <exception cref="ParleyException">400: a schema cannot be honoured; names the tool.</exception>
    public static CompiledConstraint Get(ConstraintCache cache, Tokenizer tokenizer, ToolSettings tools, CallFormat format, bool isOpen)
    {
        var key = string.Join('\0', tools.Tools.Select(tool => tool.Declaration.GetRawText()).Prepend($"calls {tools.Choice} {tools.ForcedName} {tools.Parallel} {isOpen}"));
        return cache.Get(key, () => ConstraintCompiler.Compile(tokenizer, parts => Write(parts, tools, format, isOpen)));
    }

    private static int Write(JsonParts parts, ToolSettings tools, CallFormat format, bool isOpen)
    {
        var calls = Calls(parts, tools, format, isOpen);
        if (tools.Choice == ToolChoice.Required)
        {
            return calls;
        }

        var words = new StringMachine(Words(format), 0, -1, isJson: false, parts.Alphabet);
        return format.Close is null ? parts.Builder.Either(parts.Builder.Text(words, End), calls) : parts.Builder.Text(words, parts.Builder.Either(End, calls));
    }

    private static int Calls(JsonParts parts, ToolSettings tools, CallFormat format, bool isOpen)
    {
        var builder = parts.Builder;
        var call = builder.Rule(builder.Either(
        [
            .. tools.Tools.Select((tool, i) => (Tool: tool, Index: i)).Where(entry => tools.ForcedName is null || entry.Tool.Name == tools.ForcedName)
                .Select(entry => builder.Literal(
                    $"{{\"name\": \"{entry.Tool.Name}\", \"{format.ArgumentsName}\": ", Arguments(parts, entry.Tool, entry.Index, builder.Literal("}", End)))),
        ]));
        var most = tools.Parallel ? -1 : 1;
        if (format.IsArray)
        {
            var rest = builder.Rule(builder.Literal(", ", builder.Call(call, End)));
            return builder.Literal(isOpen ? "[" : format.Open + "[", builder.Repeat(call, rest, 1, most, builder.Literal("]", End)));
        }

        if (format.Close is { } close)
        {
            var block = builder.Rule(builder.Literal(format.Open + "\n", builder.Call(call, builder.Literal("\n" + close, End))));
            return builder.Repeat(block, builder.Rule(builder.Literal("\n", builder.Call(block, End))), 1, most, End);
        }

        return builder.Repeat(call, builder.Rule(builder.Literal("; ", builder.Call(call, End))), 1, most, End);
    }

    // A schema that is not strict is a wish: what cannot be honoured exactly leaves any object.
    private static int Arguments(JsonParts parts, Tool tool, int index, int next)
    {
        var isObject = tool.Parameters is { } schema && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("object");
        try
        {
            if (isObject)
            {
                return parts.Builder.Call(new SchemaGrammar(parts, new ShapeExpander(tool.Parameters!.Value)).Write(Formula.Of(tool.Parameters.Value, "")), next);
            }
        }
        catch (ConstraintException error) when (tool.Strict)
        {
            throw Refused(index, error.Message);
        }
        catch (ConstraintException)
        {
            // Falls through to any object.
        }

        return tool is { Strict: true, Parameters: not null }
            ? throw Refused(index, "The schema of strict arguments must have the type object.")
            : parts.AnyObject(next);
    }

    private static ParleyException Refused(int index, string sentence) =>
        ParleyException.InvalidRequest($"'tools[{index}].function.parameters' cannot be honoured: {sentence}", $"tools[{index}].function.parameters", "invalid_constraint");

    // No mark of calls anywhere, and where a bare object would be a call, none at the beginning.
    private static TextAutomaton Words(CallFormat format)
    {
        var words = format.Open is { } open ? Without($"[\\s\\S]*{Escaped(open)}[\\s\\S]*") : TextAutomaton.Any;
        return format.Open is null || format.OpenIsOptional ? words.Intersect(Without("\\s*[{\\[][\\s\\S]*")) : words;
    }

    private static TextAutomaton Without(string pattern) => PatternCompiler.Compile(PatternParser.Parse(pattern), full: true).Complement();

    private static string Escaped(string text) => string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '<' or '>' ? letter.ToString() : "\\" + letter));
}
