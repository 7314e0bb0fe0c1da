using Parley.Testing;

namespace Parley.Architecture.Tests;

/// <summary>The hand-written sources of the repository: .cs, .ts and .tsx under src, web/src and tests, without migrations, generated code and build output.</summary>
internal static class SourceTree
{
    private static readonly string[] Excluded = ["bin", "obj", "node_modules", "wwwroot", "Migrations", "dist"];

    /// <summary>Every file with its lines, by path relative to the repository.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } =
    [
        .. new[] { "src", "web/src", "tests" }
            .Select(folder => Path.Combine(Repository.Root, folder))
            .Where(Directory.Exists)
            .SelectMany(Walk)
            .Where(path => Path.GetExtension(path) is ".cs" or ".ts" or ".tsx")
            .Select(path => new SourceFile(Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'), File.ReadAllText(path)))
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(child => !Excluded.Contains(Path.GetFileName(child), StringComparer.Ordinal)).SelectMany(Walk));
}

internal sealed record SourceFile(string Path, string Text)
{
    public int Lines { get; } = Text.AsSpan().Count('\n');

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>The project folder, such as src/Parley.Text.</summary>
    public string Project => string.Join('/', Path.Split('/').Take(2));
}
