namespace Parley.Text.Jinja;

/// <summary>
/// Where characters came from. Only what the template itself wrote may become a control token; what was computed in a way that is not followed
/// counts as foreign.
/// </summary>
/// <param name="Speaker">0: the template; -1: input, or not known; n &gt; 0: what assistant message n said, which is input too.</param>
/// <param name="IsGeneration">Inside a <c>generation</c> block.</param>
public readonly record struct TextOrigin(int Speaker, bool IsGeneration = false)
{
    public static TextOrigin Template => default;

    public static TextOrigin Foreign => new(-1);

    public bool IsTrusted => Speaker == 0;
}

/// <summary>Characters up to <paramref name="End"/>, exclusive, have this origin.</summary>
public readonly record struct TextMark(int End, TextOrigin Origin);
