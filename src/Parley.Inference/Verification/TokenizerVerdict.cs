using System.Text.Json;

namespace Parley.Inference.Verification;

/// <summary>What came out for one file of token ids.</summary>
/// <param name="Name">The file's.</param>
/// <param name="Equal">How many comparisons agree.</param>
/// <param name="Total">Of how many.</param>
public sealed record TokenizerVerdict(string Name, int Equal, int Total)
{
    /// <summary>Why nothing was compared; null when it was.</summary>
    public string? Skipped { get; init; }

    public string? FirstDifference { get; init; }

    /// <summary>Everything agrees; true too for what was skipped.</summary>
    public bool IsOk => Skipped is not null || (Equal == Total && Total > 0);

    public override string ToString() => $"{Name,-36} " + (Skipped is { } reason
        ? $"skipped: {reason}"
        : $"{Equal} of {Total} equal{(FirstDifference is null ? "" : $"; {FirstDifference}")}");
}

/// <summary>Counts comparisons and keeps the first that fails.</summary>
internal sealed class TokenizerCheck
{
    public int Equal { get; private set; }

    public int Total { get; private set; }

    public string? FirstDifference { get; private set; }

    public void Ids(string what, int index, int[] expected, int[] actual) =>
        Count(expected.AsSpan().SequenceEqual(actual), () => $"{what} {index} is [{string.Join(' ', actual)}] instead of [{string.Join(' ', expected)}]");

    public void Text(int index, string expected, string actual) =>
        Count(expected == actual, () => $"the text of line {index} is {JsonSerializer.Serialize(actual)} instead of {JsonSerializer.Serialize(expected)}");

    private void Count(bool equal, Func<string> difference)
    {
        Total++;
        Equal += equal ? 1 : 0;
        FirstDifference ??= equal ? null : difference();
    }
}
