using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using System.Text.RegularExpressions;

namespace Parley.Architecture.Tests;

/// <summary>Names that say nothing, and pointers outside the one room for them.</summary>
public sealed partial class NamingTests
{
    [Fact]
    public void No_file_or_type_has_a_name_that_says_nothing()
    {
        var files = SourceTree.Files.Where(file => SaysNothing().IsMatch(Path.GetFileNameWithoutExtension(file.Path))).Select(file => file.Path);
        var types =
            from file in SourceTree.Files
            where file.IsCSharp
            from type in CSharpSyntaxTree.ParseText(file.Text).GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
            where SaysNothing().IsMatch(type.Identifier.Text)
            select $"{file.Path}: {type.Identifier.Text}";
        Assert.Empty(files.Concat(types));
    }

    [Fact]
    public void Unsafe_code_lives_in_tensors()
    {
        var wrong =
            from file in SourceTree.Files
            where file.IsCSharp && file.Project is not ("src/Parley.Tensors" or "tests/Parley.Tensors.Tests")
            where CSharpSyntaxTree.ParseText(file.Text).GetRoot().DescendantTokens().Any(token => token.IsKind(SyntaxKind.UnsafeKeyword))
            select file.Path;
        Assert.Empty(wrong);
    }

    [GeneratedRegex("^(Common|Utils?|Utilities|Helpers?|Misc)$|(Utils?|Helpers?|Manager|Impl)$|^Base[A-Z]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SaysNothing();
}
