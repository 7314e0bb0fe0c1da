using Parley.Text;

namespace Parley.Corpus;

/// <summary>A conversation to learn from, with its past: a stable id, where it came from, the licence it is used under.</summary>
public sealed record Dialogue(string Id, IReadOnlyList<ChatTemplateMessage> Messages, string Source, string Licence)
{
    /// <summary>Characters of all messages together.</summary>
    public int Length => Messages.Sum(message => message.Content.Length);
}
