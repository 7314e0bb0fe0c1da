using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// All that an answer may be when it is held to a form, to calls, or to either of them, as one grammar: thoughts first where the template has them, then
/// calls in the model's own format, or the form, or words.
/// </summary>
internal static class AnswerGrammar
{
    private const int End = GrammarBuilder.End;

    /// <summary>Whether the model may not write whatever it likes.</summary>
    public static bool IsNeeded(GenerationRequest request) => request.Constraint is not null || CallGrammar.IsNeeded(request.Tools);

    /// <summary>Whether thoughts have no place: the answer is calls and nothing else, or the form and nothing else.</summary>
    public static bool ShutsThoughts(GenerationRequest request) =>
        request.Tools is { Choice: ToolChoice.Required } || (request.Constraint is not null && request.Tools is null or { Choice: ToolChoice.None });

    /// <summary>
    /// What can be said of a call before it is whole. Where a form begins as a call does, only the whole text tells them apart.
    /// </summary>
    public static CallCertainty Certainty(GenerationRequest request, CallFormat format) =>
        request.Tools is { Choice: ToolChoice.Required } ? CallCertainty.Forced
        : request.Constraint is null ? (CallGrammar.IsNeeded(request.Tools) ? CallCertainty.OnceBegun : CallCertainty.Open)
        : request.Constraint is GenerationConstraint.JsonObject or GenerationConstraint.JsonSchema && format is { Open: not null, OpenIsOptional: false }
            ? CallCertainty.OnceBegun
        : CallCertainty.Open;

    /// <summary>Null where the model may write whatever it likes.</summary>
    /// <exception cref="ParleyException">400: what is asked for cannot be honoured; names the parameter.</exception>
    public static CompiledConstraint? Get(ConstraintCache cache, LoadedModel model, GenerationRequest request, RenderedPrompt prompt)
    {
        if (!IsNeeded(request) || request.Tools is null or { Choice: ToolChoice.None })
        {
            return request.Constraint is { } alone ? cache.Get(alone) : null;
        }

        if (request.Constraint is { } unused && request.Tools.Choice == ToolChoice.Required)
        {
            cache.Get(unused); // the answer is calls, yet a form that cannot be honoured is refused all the same
        }

        var thoughts = !model.Format.HasReasoning || !prompt.MayThink || prompt.HasThought ? Thoughts.Shut : prompt.IsThinking ? Thoughts.Open : Thoughts.Possible;
        var form = request.Tools.Choice == ToolChoice.Required ? null : request.Constraint;
        var key = $"{CallGrammar.KeyOf(request.Tools)}\0{prompt.IsCalling} {thoughts}\0{(form is null ? "" : ConstraintCache.KeyOf(form))}";
        return cache.Get(key, () => Compile(model, request.Tools, form, prompt.IsCalling, thoughts));
    }

    private static CompiledConstraint Compile(LoadedModel model, ToolSettings tools, GenerationConstraint? form, bool isCalling, Thoughts thoughts)
    {
        try
        {
            return ConstraintCompiler.Compile(model.Tokenizer, parts =>
            {
                var marks = new AnswerMarks(parts, model.Tokenizer);
                var calls = CallGrammar.Write(marks, tools, model.Format.Calls, isCalling);
                var answer = tools.Choice == ToolChoice.Required ? calls
                    : form is not null ? parts.Builder.Either(calls, Form(parts, form))
                    : CallGrammar.WordsOr(calls, parts, model.Format);
                return Think(marks, thoughts, answer);
            });
        }
        catch (ConstraintException error)
        {
            throw ParleyException.InvalidRequest(error.Message, form?.Parameter ?? "tools", "invalid_constraint");
        }
    }

    private static int Form(JsonParts parts, GenerationConstraint form)
    {
        try
        {
            return ConstraintCompiler.Write(parts, form);
        }
        catch (ConstraintException error)
        {
            throw ParleyException.InvalidRequest(error.Message, form.Parameter, "invalid_constraint");
        }
    }

    // Thoughts end at the first mark; up to two line breaks behind it are layout.
    private static int Think(AnswerMarks marks, Thoughts thoughts, int answer)
    {
        if (thoughts == Thoughts.Shut)
        {
            return answer;
        }

        var builder = marks.Parts.Builder;
        var closed = marks.Write(ReasoningMarks.Close, builder.Either(answer, builder.Literal("\n", builder.Either(answer, builder.Literal("\n", answer)))));
        var inside = builder.Text(marks.TextWithout(ReasoningMarks.Close), closed);
        return thoughts == Thoughts.Open ? inside : builder.Either(answer, marks.Write(ReasoningMarks.Open, inside));
    }

    private enum Thoughts
    {
        Shut,

        /// <summary>The answer may begin with them.</summary>
        Possible,

        /// <summary>The prompt opened them.</summary>
        Open,
    }
}
