namespace Parley.Text;

/// <summary>How a model's answers are laid out, as its chat template tells: whether thoughts stand before them, and how calls are written.</summary>
/// <param name="HasReasoning">The template knows thoughts between think marks.</param>
public sealed record AnswerFormat(bool HasReasoning, CallFormat Calls)
{
    /// <param name="template">Jinja.</param>
    /// <param name="forTools">The variant for conversations with tools; null: the same.</param>
    public static AnswerFormat Of(string template, string? forTools = null) =>
        new(template.Contains(ReasoningMarks.Close, StringComparison.Ordinal), CallFormat.Of(forTools ?? template));

    /// <summary>Whether a prompt ends with thoughts that it has opened, as some templates do.</summary>
    public bool IsThinkingAfter(string prompt) =>
        HasReasoning && prompt.LastIndexOf(ReasoningMarks.Open, StringComparison.Ordinal) > prompt.LastIndexOf(ReasoningMarks.Close, StringComparison.Ordinal);

    /// <summary>Whether a prompt ends behind thoughts that it has closed, which tells the model to do without.</summary>
    public bool HasThoughtAfter(string prompt) => HasReasoning && prompt.Contains(ReasoningMarks.Close, StringComparison.Ordinal) && !IsThinkingAfter(prompt);
}
