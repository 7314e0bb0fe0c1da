namespace Parley.Corpus.Generators.TinyWorlds;

/// <summary>Which part of the tiny world a text is drawn from. No fact of one part occurs in the other.</summary>
public enum TinyWorldSplit
{
    Training,
    HeldOut,
}

/// <summary>A question that carries all it needs, and the one answer that is right, to the letter.</summary>
/// <param name="Family">The kind of question (has, place, list, echo, number, opposite).</param>
/// <param name="Context">The facts told first; empty when none are needed.</param>
/// <param name="Ask">The question itself.</param>
/// <param name="Answer">The exact answer.</param>
public sealed record TinyWorldQuestion(string Family, string Context, string Ask, string Answer)
{
    /// <summary>What the user says: facts and question in one message.</summary>
    public string Question => Context.Length == 0 ? Ask : $"{Context} {Ask}";
}
