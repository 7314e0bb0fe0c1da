namespace Parley.Text;

/// <summary>A stretch of a rendered prompt.</summary>
/// <param name="Text">Joined with its neighbours before it is encoded: words and merges may cross the border.</param>
/// <param name="Trusted">True for what the template wrote: only there, wholly inside, does a control token's name yield the token.</param>
public readonly record struct TextSegment(string Text, bool Trusted);
