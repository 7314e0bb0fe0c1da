using Parley.Corpus.Generators.TinyWorlds;
using Parley.Text;

namespace Parley.Corpus.Generators;

/// <summary>
/// A tiny world whose questions have one right answer each: the next number, ten more, even or odd,
/// opposites, words to say again. Everything is a pure function of (seed, number). No training text tells
/// the facts of a held-out question together, so a right answer was worked out, not remembered.
/// </summary>
public static class TinyWorld
{
    public const string Licence = "MIT";
    public const string Source = "generator:tiny-world";

    // Documents, dialogues and questions of one seed must not follow the same choices.
    private const ulong DocumentStream = 1UL << 40;
    private const ulong DialogueStream = 2UL << 40;
    private const ulong QuestionStream = 3UL << 40;

    /// <summary>Questions with their exact answers, all different in wording.</summary>
    public static IReadOnlyList<TinyWorldQuestion> Questions(TinyWorldSplit split, int count, ulong seed)
    {
        var questions = new List<TinyWorldQuestion>(count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var number = 0UL; questions.Count < count; number++)
        {
            var random = new CounterRandom(seed, QuestionStream + number);
            var question = DrawScene(random, split).Ask(random);
            if (seen.Add(question.Question))
                questions.Add(question);
        }

        return questions;
    }

    /// <summary>Plain texts for pretraining: facts, and what follows from them.</summary>
    public static IEnumerable<Document> Documents(ulong seed, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var random = new CounterRandom(seed, DocumentStream + (ulong)number);
            yield return new Document($"tiny-world/{seed}/text/{number}", Text(random), Source, Licence);
        }
    }

    /// <summary>Dialogues for fine-tuning: about half ask once, the others go on asking about what was told first.</summary>
    public static IEnumerable<Dialogue> Dialogues(ulong seed, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var random = new CounterRandom(seed, DialogueStream + (ulong)number);
            yield return new Dialogue($"tiny-world/{seed}/dialogue/{number}", Turns(random), Source, Licence);
        }
    }

    private static Scene DrawScene(CounterRandom random, TinyWorldSplit split) =>
        random.Pick(SceneFamilies.Questions)(random, split);

    private static string Text(CounterRandom random)
    {
        var scenes = Enumerable.Range(0, random.Between(1, 3)).Select(_ => DrawScene(random, TinyWorldSplit.Training)).ToArray();
        return string.Join('\n', scenes.Select(scene => Tell(random, scene)));
    }

    private static string Tell(CounterRandom random, Scene scene)
    {
        var asked = random.Sample(scene.Questions, Math.Min(scene.Questions.Count, random.Between(1, 4)));
        return string.Join(' ', [.. scene.Facts, .. asked.Select(question => $"{question.Ask} {question.Answer}")]);
    }

    private static List<ChatTemplateMessage> Turns(CounterRandom random)
    {
        var messages = new List<ChatTemplateMessage>();
        var scene = DrawScene(random, TinyWorldSplit.Training);
        var turns = random.Chance(0.3) ? 1 : random.Between(2, 4);
        foreach (var (ask, answer) in random.Sample(scene.Questions, Math.Min(turns, scene.Questions.Count)))
        {
            messages.Add(new("user", messages.Count > 0 || scene.Context.Length == 0 ? ask : $"{scene.Context} {ask}"));
            messages.Add(new("assistant", answer));
        }

        return messages;
    }
}
