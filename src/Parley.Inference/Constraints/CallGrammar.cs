using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// Calls that always parse and are valid against their function's schema, in the model's own format, and the words that may stand where a call may.
/// </summary>
internal static class CallGrammar
{
    private const int End = GrammarBuilder.End;

    /// <summary>Whether what the model may write depends on the tools.</summary>
    public static bool IsNeeded(ToolSettings? tools) => tools is { Choice: ToolChoice.Required } || (tools is { Choice: ToolChoice.Auto } && tools.Tools.Any(tool => tool.Strict));

    /// <summary>Tells settings from others with other grammars.</summary>
    public static string KeyOf(ToolSettings tools) =>
        string.Join('\0', tools.Tools.Select(tool => tool.Declaration.GetRawText()).Prepend($"calls {tools.Choice} {tools.ForcedName} {tools.Parallel}"));

    /// <summary>Words in which no call begins, with or without calls behind them, or calls alone.</summary>
    public static int WordsOr(int calls, JsonParts parts, AnswerFormat format)
    {
        // Words that begin with the mark of thoughts would be read as thoughts.
        var language = Words(format.Calls);
        language = format.HasReasoning ? language.Intersect(AnswerMarks.Without($"[\\s\\u0085]*{AnswerMarks.Escaped(ReasoningMarks.Open)}[\\s\\S]*")) : language;
        var words = new StringMachine(language, 0, -1, isJson: false, parts.Alphabet);
        return format.Calls.Close is null ? parts.Builder.Either(parts.Builder.Text(words, End), calls) : parts.Builder.Text(words, parts.Builder.Either(End, calls));
    }

    /// <param name="isOpen">The prompt opened the call.</param>
    /// <exception cref="ParleyException">400: a schema cannot be honoured; names the tool.</exception>
    public static int Write(AnswerMarks marks, ToolSettings tools, CallFormat format, bool isOpen)
    {
        var (parts, builder) = (marks.Parts, marks.Parts.Builder);
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
            var list = builder.Literal("[", builder.Repeat(call, rest, 1, most, builder.Literal("]", End)));
            return isOpen ? list : marks.Write(format.Open!, list);
        }

        if (format.Close is { } close)
        {
            var block = builder.Rule(marks.Write(format.Open!, builder.Literal("\n", builder.Call(call, builder.Literal("\n", marks.Write(close, End))))));
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
                return parts.Builder.Call(new SchemaGrammar(parts, new ShapeExpander(tool.Parameters!.Value, parts.Budget)).Write(Formula.Of(tool.Parameters.Value, "")), next);
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
        var words = format.Open is { } open ? AnswerMarks.Without($"[\\s\\S]*{AnswerMarks.Escaped(open)}[\\s\\S]*") : TextAutomaton.Any;
        return format.Open is null || format.OpenIsOptional ? words.Intersect(AnswerMarks.Without("\\s*[{\\[][\\s\\S]*")) : words;
    }
}
