using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Parley.Architecture.Tests;

/// <summary>
/// The size budget of the house: files a person can read in one sitting, functions a person can hold in mind. A type split over partial
/// files counts as one file. If something outgrows its budget it needs another room, not another number here.
/// </summary>
public sealed class SizeBudgetTests
{
    private static readonly IReadOnlyList<(string Name, int Lines)> FileSizes = MeasureFiles();
    private static readonly IReadOnlyList<Function> Functions =
    [
        .. SourceTree.Files.Where(file => file.IsCSharp).SelectMany(Measure),
        .. SourceTree.Files.Where(file => !file.IsCSharp).SelectMany(TypeScriptFunctions.Measure)
            .Select(function => new Function(function.Name, function.Lines, HasNumberedSteps: false)),
    ];

    [Fact]
    public void Files_are_short()
    {
        var sizes = FileSizes.Select(file => file.Lines).Order().ToArray();
        Assert.Empty(FileSizes.Where(file => file.Lines > 600));
        Assert.True(Percentile(sizes, 0.5) <= 120, $"The median file has {Percentile(sizes, 0.5)} lines; at most 120 are allowed.");
        Assert.True(Percentile(sizes, 0.9) < 350, $"90% of files have up to {Percentile(sizes, 0.9)} lines; it must be under 350.");
    }

    [Fact]
    public void Half_of_all_code_is_in_files_under_280_lines()
    {
        var small = FileSizes.Where(file => file.Lines < 280).Sum(file => file.Lines);
        var all = FileSizes.Sum(file => file.Lines);
        Assert.True(small * 2 >= all, $"Only {100.0 * small / all:F0}% of the code is in files under 280 lines.");
    }

    [Fact]
    public void Functions_are_short()
    {
        var sizes = Functions.Select(function => function.Lines).Order().ToArray();
        Assert.True(Percentile(sizes, 0.5) < 12, $"The median function has {Percentile(sizes, 0.5)} lines; it must be under 12.");
        Assert.True(Percentile(sizes, 0.9) < 45, $"90% of functions have up to {Percentile(sizes, 0.9)} lines; it must be under 45.");
    }

    [Fact]
    public void Long_functions_carry_numbered_steps()
    {
        Assert.Empty(Functions.Where(function => function is { Lines: > 80, HasNumberedSteps: false }).Select(function => $"{function.Name}: {function.Lines} lines"));
    }

    [Fact]
    public void Functions_of_the_page_are_seen()
    {
        var source = new SourceFile("web/src/x.tsx", "export function A() {\n  const b = () => {\n    c();\n  };\n  return b;\n}\n");
        Assert.Equal([("web/src/x.tsx:1", 6), ("web/src/x.tsx:2", 3)], TypeScriptFunctions.Measure(source));
        Assert.True(Functions.Count(function => function.Name.StartsWith("web/src/", StringComparison.Ordinal)) > 100);
    }

    private static int Percentile(int[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];

    private static (string, int)[] MeasureFiles()
    {
        // A partial type in several files counts as the sum of those files, under its full name within the project.
        var owners =
            from file in SourceTree.Files
            let partial = file.IsCSharp ? PartialType(file) : null
            group file by partial is null ? file.Path : $"{file.Project}: partial {partial}";
        return [.. owners.Select(group => (group.Key, group.Sum(file => file.Lines)))];
    }

    private static string? PartialType(SourceFile file)
    {
        var root = CSharpSyntaxTree.ParseText(file.Text).GetRoot();
        var type = root.DescendantNodes().OfType<TypeDeclarationSyntax>().FirstOrDefault();
        if (type is null || !type.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            return null;
        }

        var space = root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString();
        return $"{space}.{type.Identifier.Text}";
    }

    private static IEnumerable<Function> Measure(SourceFile file)
    {
        var root = CSharpSyntaxTree.ParseText(file.Text).GetRoot();
        return
            from node in root.DescendantNodes()
            where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax { Body: not null }
            let span = node.GetLocation().GetLineSpan()
            let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
            select new Function($"{file.Path}:{span.StartLinePosition.Line + 1}", lines, NumberedSteps(node));
    }

    private static bool NumberedSteps(SyntaxNode node) =>
        node.DescendantTrivia().Count(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) && StartsWithNumber(trivia.ToString())) >= 3;

    private static bool StartsWithNumber(string comment)
    {
        var text = comment.AsSpan(2).Trim();
        return text.Length > 1 && char.IsAsciiDigit(text[0]) && text.IndexOf('.') is 1 or 2;
    }

    private sealed record Function(string Name, int Lines, bool HasNumberedSteps);
}
