using Parley.Text;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>A dialogue in the making: the turns so far, and what the user has told of themselves.</summary>
internal sealed class DialogueDraft(CounterRandom random)
{
    private readonly List<ChatTemplateMessage> _messages = [];

    public CounterRandom Random => random;

    public IReadOnlyList<ChatTemplateMessage> Messages => _messages;

    /// <summary>The name the user gave; null until they do.</summary>
    public string? UserName { get; set; }

    /// <summary>Questions about what the user told, with their answers; asked again in later turns.</summary>
    public List<(string[] Asks, string Answer)> Told { get; } = [];

    /// <summary>True when the user has said nothing yet.</summary>
    public bool IsFresh => !_messages.Exists(message => message.Role == "user");

    public string Pick(params IReadOnlyList<string> choices) => random.Pick(choices);

    public void System(string content) => _messages.Add(new("system", content));

    /// <summary>A turn whose wording may be typed carelessly.</summary>
    public void Say(string user, string assistant) => SayExactly(Typing.Careless(random, user), assistant);

    /// <summary>A turn with a name or a value that comes back later: careless in capitals and punctuation, never in letters.</summary>
    public void SayLegibly(string user, string assistant) => SayExactly(Typing.Casual(random, user), assistant);

    /// <summary>A turn whose wording matters to the letter.</summary>
    public void SayExactly(string user, string assistant)
    {
        _messages.Add(new("user", user));
        _messages.Add(new("assistant", assistant));
    }
}
