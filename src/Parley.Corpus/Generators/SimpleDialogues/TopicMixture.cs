namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>
/// The topics for the middle of a dialogue and how often each is drawn. Topics that read a long table weigh more, so that
/// every row of it is met about a hundred times in 200,000 dialogues; small sums weigh more because they need many examples.
/// </summary>
internal static class TopicMixture
{
    public static readonly IReadOnlyList<(int Weight, Action<DialogueDraft> Write)> Topics =
    [
        (10, ConversationTopics.HowAreYou), (28, ConversationTopics.Identity), (8, ConversationTopics.Abilities), (8, ConversationTopics.Limits),
        (12, ConversationTopics.Feeling), (6, ConversationTopics.Taste), (4, ConversationTopics.Praise), (4, ConversationTopics.Complaint),
        (52, FunTopics.SmallTalk), (8, FunTopics.Joke), (12, FunTopics.Riddle), (8, FunTopics.Interesting), (8, FunTopics.Poem),
        (162, KnowledgeTopics.Definition), (148, KnowledgeTopics.Fact), (36, KnowledgeTopics.Capital), (10, KnowledgeTopics.IsCapital),
        (16, KnowledgeTopics.Animal), (34, KnowledgeTopics.Advice), (28, KnowledgeTopics.Unknown), (10, KnowledgeTopics.Harmful),
        (12, ExplainTopics.HowItWorks), (19, ExplainTopics.FollowUp), (12, NoteTopics.Write),
        (42, GrammarTopics.Opposite), (34, GrammarTopics.Plural), (33, GrammarTopics.Past), (12, GrammarTopics.Rhyme), (16, GrammarTopics.Correct),
        (28, GrammarTopics.Translate),
        (22, ThingTopics.Colour), (32, ThingTopics.Use), (20, ThingTopics.Place), (18, ThingTopics.Ladder), (20, ThingTopics.Kind),
        (12, MeasureTopics.Calendar), (6, MeasureTopics.Season), (10, MeasureTopics.Unit),
        (60, ArithmeticTopics.Sum), (24, ArithmeticTopics.Times), (8, ArithmeticTopics.SumsInARow), (14, ArithmeticTopics.Problem),
        (10, ArithmeticTopics.HalfOrDouble), (14, ArithmeticTopics.Compare), (6, ArithmeticTopics.Parity),
        (10, WordTopics.Spell), (10, WordTopics.Count), (19, WordTopics.List), (16, WordTopics.Rewrite),
        (6, LetterTopics.Letter), (5, LetterTopics.Sort), (5, LetterTopics.SortNumbers), (5, LetterTopics.Reverse),
        (22, MemoryTopics.Lookup), (8, MemoryTopics.NeverTold), (36, StoryTopic.Tell),
    ];

    private static readonly int AllWeights = Topics.Sum(topic => topic.Weight);

    public static Action<DialogueDraft> Pick(CounterRandom random)
    {
        var rest = random.Next(AllWeights);
        foreach (var (weight, write) in Topics)
        {
            rest -= weight;
            if (rest < 0)
                return write;
        }

        return Topics[^1].Write;
    }
}
