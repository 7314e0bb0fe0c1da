namespace Parley.Text;

/// <summary>
/// A conversation as token ids, with a mask of equal length: true where the model speaks (assistant content and the
/// token that closes it), which is what training scores and what the model must produce when it serves.
/// </summary>
public sealed record RenderedChat(int[] Tokens, bool[] LossMask);
