namespace Parley.Architecture.Tests;

/// <summary>What the compiler at run time is told about the innermost loops.</summary>
public sealed class CompilationTests
{
    /// <summary>
    /// A method that is to be optimised at once is also inlined at once where it is called, there under the caller's allowance for inlining. A
    /// SwiGLU that had swallowed all its vector operations when compiled alone called each of them after its caller was optimised, eight times slower.
    /// </summary>
    [Fact]
    public void A_method_that_is_optimised_at_once_is_compiled_by_itself()
    {
        var wrong =
            from file in SourceTree.Files
            where file.IsCSharp && file.Project.StartsWith("src/", StringComparison.Ordinal)
            from line in file.Text.Split('\n')
            where line.Contains("MethodImplOptions.AggressiveOptimization", StringComparison.Ordinal)
                && !line.Contains("MethodImplOptions.NoInlining", StringComparison.Ordinal)
            select $"{file.Path}: {line.Trim()}";
        Assert.Empty(wrong);
    }
}
