using Parley.Inference.Verification;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Inference.Tests;

/// <summary>
/// Logits and greedy tokens of tiny random models as an independent exact computation gave them, through the serving engine: the code behind
/// <c>parley verify oracles</c>. One file of every architecture lies with the tests; the whole folder is checked where it is there.
/// </summary>
public sealed class OracleTests
{
    [Fact]
    public Task EveryArchitectureGivesTheOraclesNumbersWithEveryKernelSet() =>
        HoldsAsync(Path.Combine(Repository.Root, "tests", "oracles"), OracleSuite.SetsOfThisMachine, files: 14);

    [Fact]
    public Task EveryArchitectureGivesTheOraclesNumbers() =>
        HoldsAsync(Path.Combine(Repository.Root, "tests", "oracles"), [KernelSet.Auto, KernelSet.Vector256], files: 14);

    [Fact]
    public Task EveryFileOfTheWholeFolderGivesTheOraclesNumbers() => HoldsAsync(SharedData.Folder("oracles"), [KernelSet.Auto], files: 28);

    private static async Task HoldsAsync(string folder, IReadOnlyList<KernelSet> sets, int files)
    {
        var results = new List<OracleResult>();
        await foreach (var result in new OracleSuite(new OracleFolder(folder), sets).RunAsync(TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        Assert.True(results.Select(result => result.Verdict.File.Name).Distinct(StringComparer.Ordinal).Count() >= files);
        Assert.Empty(results.Where(result => !result.IsOk).Select(result => result.Verdict.ToString()));
    }
}
