using Parley.Text.Jinja;

namespace Parley.Text;

/// <summary>
/// A chat template from a model's files, for its vocabulary. The text is encoded as one: words and merges cross the border between template and
/// content as they did in training, control tokens are read only from what the template wrote.
/// </summary>
internal sealed class JinjaChatTemplate : ChatTemplate
{
    private readonly Tokenizer _tokenizer;
    private readonly ChatScript _script;
    private readonly ChatScript _scriptForTools;
    private readonly TimeProvider _clock;

    /// <exception cref="JinjaException">A template cannot be parsed.</exception>
    public JinjaChatTemplate(ChatTemplateSource source, Tokenizer tokenizer, TimeProvider clock)
    {
        (_tokenizer, _clock) = (tokenizer, clock);
        _script = ChatScript.Parse(source.Template, source.BeginToken, source.EndToken);
        _scriptForTools = source.ForTools is { } other ? ChatScript.Parse(other, source.BeginToken, source.EndToken) : _script;
        StopIds = FindStop() is { } stop ? [stop] : [];
    }

    public override string Source => _script.Source;

    public override string SourceForTools => _scriptForTools.Source;

    public override IReadOnlyList<int> StopIds { get; }

    public override RenderedChat Render(ChatContext context, CancellationToken cancellationToken = default)
    {
        var script = context.Tools.Count > 0 ? _scriptForTools : _script;
        var text = script.Render(context, _clock.GetLocalNow(), cancellationToken);
        var ids = Encode(text);
        var unscored = context.Messages.Index().Where(entry => !entry.Item.IsScored).Select(entry => ChatVariables.Speaker(entry.Index)).ToHashSet();
        return new RenderedChat(ids, SpokenTokens.Of(text, ids, _tokenizer, StopIds, unscored));
    }

    private int[] Encode(in MarkedText text)
    {
        var segments = new List<TextSegment>();
        var start = 0;
        foreach (var mark in text.Marks)
        {
            segments.Add(new(text.Text[start..mark.End], mark.Origin.IsTrusted));
            start = mark.End;
        }

        return _tokenizer.EncodeSegments(segments);
    }

    /// <summary>The control token that follows an answer in a conversation of two messages; null when there is none, or no such conversation.</summary>
    private int? FindStop()
    {
        ChatContext context = new() { Messages = [new("user", "1"), new("assistant", "2")] };
        try
        {
            var text = _script.Render(context, DateTimeOffset.UnixEpoch);
            var said = text.Marks.TakeWhile(mark => mark.Origin.Speaker != 2).Select(mark => mark.End).LastOrDefault() + 1;
            return said > text.Length ? null : Encode(text.Slice(said, text.Length - said)).Cast<int?>().FirstOrDefault(id => _tokenizer.Special.IsSpecial(id!.Value));
        }
        catch (JinjaException)
        {
            return null; // it wants other conversations; the vocabulary's own end tokens remain
        }
    }
}
