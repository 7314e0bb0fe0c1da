namespace Parley.Text.Jinja;

/// <summary>A template that cannot be parsed or rendered: one sentence, and where in the template.</summary>
public sealed class JinjaException : Exception
{
    internal JinjaException(string reason, int line, int column, bool isRaised, Exception? inner = null)
        : base($"line {line}, column {column}: {ReadableLine.Of(reason)}", inner) =>
        (Reason, Line, Column, IsRaised) = (reason, line, column, isRaised);

    /// <summary>The message without the place.</summary>
    public string Reason { get; }

    /// <summary>From 1.</summary>
    public int Line { get; }

    /// <summary>From 1, in UTF-16 units.</summary>
    public int Column { get; }

    /// <summary>True when the template itself refused its input, by <c>raise_exception</c>.</summary>
    public bool IsRaised { get; }

    internal static JinjaException At(string source, int position, JinjaFault fault)
    {
        var before = source.AsSpan(0, Math.Clamp(position, 0, source.Length));
        return new(fault.Message, before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'), fault.IsRaised, fault);
    }
}

/// <summary>What went wrong, before anyone has said where; the parser and the interpreter know, and make a <see cref="JinjaException"/> of it.</summary>
internal sealed class JinjaFault(string message, int? position = null, bool isRaised = false) : Exception(message)
{
    /// <summary>Offset in the source; null: wherever the interpreter stands.</summary>
    public int? Position { get; } = position;

    public bool IsRaised { get; } = isRaised;
}
