namespace Parley.Corpus.Generators.TinyWorlds;

/// <summary>A few facts told together, and every question they answer. One scene gives the turns of one dialogue.</summary>
internal sealed record Scene(string Family, IReadOnlyList<string> Facts, IReadOnlyList<(string Ask, string Answer)> Questions)
{
    /// <summary>The facts in the order told; empty when none are needed.</summary>
    public string Context => string.Join(' ', Facts);

    public TinyWorldQuestion Ask(CounterRandom random)
    {
        var (ask, answer) = random.Pick(Questions);
        return new TinyWorldQuestion(Family, Context, ask, answer);
    }
}
