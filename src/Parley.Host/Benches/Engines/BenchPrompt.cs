namespace Parley.Host.Benches.Engines;

/// <summary>Random prompt ids, equal for both sides: a pure function of which prompt, its length and the vocabulary.</summary>
internal static class BenchPrompt
{
    /// <summary>Tokens before a timed decode.</summary>
    public const int Short = 32;

    public static int[] Of(int which, int tokens, int vocabulary)
    {
        var random = new Random(1 + which);
        return [.. Enumerable.Range(0, tokens).Select(_ => random.Next(vocabulary))];
    }
}
