namespace Parley.Inference;

/// <summary>A constraint that cannot be honoured exactly, or not within the limits: one sentence that names the place by its JSON pointer or position.</summary>
public sealed class ConstraintException(string message, string pointer = "") : Exception(message)
{
    /// <summary>Where in the schema, as a JSON pointer; empty for the root and for what is not JSON.</summary>
    public string Pointer { get; } = pointer;

    internal static ConstraintException At(string pointer, string sentence) =>
        new($"The schema at '{(pointer.Length == 0 ? "/" : pointer)}' {sentence}", pointer);
}
