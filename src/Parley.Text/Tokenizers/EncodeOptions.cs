namespace Parley.Text;

/// <summary>How a whole text is encoded; the default is ordinary text and nothing else.</summary>
/// <param name="AddSpecial">The vocabulary's own beginning and end are put around the text (a BOS token, [CLS] and [SEP] ...).</param>
/// <param name="ParseSpecial">The written form of a control token yields that token: for text that this program wrote, never for a user's.</param>
public readonly record struct EncodeOptions(bool AddSpecial = false, bool ParseSpecial = false);
