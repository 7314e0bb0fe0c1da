namespace Parley.Models;

/// <summary>
/// A model file, configuration or checkpoint that cannot be used as it is: one sentence that names the file, the field
/// and the remedy. It is the only exception the readers of this project throw for bad content, however hostile.
/// </summary>
public sealed class ModelFormatException : Exception
{
    private const int LongestField = 80;
    private const int LongestProblem = 1000;

    public ModelFormatException()
        : this("A model file is not in a form that can be read.")
    {
    }

    public ModelFormatException(string message)
        : base(message)
    {
    }

    public ModelFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The file at fault, when there is one.</summary>
    public string? File { get; init; }

    /// <summary>The metadata key, tensor or JSON field at fault, when there is one.</summary>
    public string? Field { get; init; }

    /// <summary>The byte offset in <see cref="File"/> at which reading stopped, when it is known.</summary>
    public long? Offset { get; init; }

    /// <summary>Composes the sentence: <c>'file', field 'f', offset 12: problem. Remedy.</c></summary>
    internal static ModelFormatException At(string file, string? field, long? offset, string problem, Exception? inner = null)
    {
        var where = $"'{file}'" + (field is null ? "" : $", field '{Shown(field, LongestField)}'") + (offset is null ? "" : $", offset {offset}");
        return new ModelFormatException($"{where}: {Shown(problem, LongestProblem)}", inner) { File = file, Field = field, Offset = offset };
    }

    // A hostile file may name a field with a megabyte of control characters, and a problem may repeat what it says; the message stays one readable line.
    private static string Shown(string told, int longest)
    {
        var text = told.Length > longest ? string.Concat(told.AsSpan(0, longest), "...") : told;
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });
    }
}
