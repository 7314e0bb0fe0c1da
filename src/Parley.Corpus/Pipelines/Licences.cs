namespace Parley.Corpus.Pipelines;

/// <summary>
/// Which licences may go into a model that is given away. Share-alike, non-commercial and unstated ones may not: what
/// they ask of a model's weights is not settled. The names are those that the sources write.
/// </summary>
public static class Licences
{
    public const string Cc0 = "CC0";

    public static IReadOnlySet<string> Permissive { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        Cc0, "CC0-1.0", "public domain", "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT OR Apache-2.0", "CC BY 4.0",
        "Apache-2.0 (NI); CC BY 4.0", "Apache-2.0 (NI); CommonsenseQA MIT", "Apache-2.0 (NI and instances)",
    };
}
