namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>The word lists that lie beside this file, one record a line, fields parted by bars; built into the assembly.</summary>
internal static class WordTable
{
    public static IReadOnlyList<string[]> Capitals { get; } = Load("capitals");

    public static IReadOnlyList<string[]> Animals { get; } = Load("animals");

    public static IReadOnlyList<string[]> Opposites { get; } = Load("opposites");

    public static IReadOnlyList<string[]> Plurals { get; } = Load("plurals");

    public static IReadOnlyList<string[]> Lists { get; } = Load("lists");

    public static IReadOnlyList<string[]> Definitions { get; } = Load("definitions");

    public static IReadOnlyList<string[]> Facts { get; } = Load("facts");

    public static IReadOnlyList<string[]> Advice { get; } = Load("advice");

    public static IReadOnlyList<string[]> Unknown { get; } = Load("unknown");

    private static List<string[]> Load(string name)
    {
        using var stream = typeof(WordTable).Assembly.GetManifestResourceStream($"words/{name}.txt")!;
        using var reader = new StreamReader(stream);
        var rows = new List<string[]>();
        while (reader.ReadLine() is { } line)
            rows.Add(line.Split('|'));
        return rows;
    }
}
