using Parley.Inference.Verification;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Inference.Tests;

/// <summary>
/// Logits and greedy tokens of tiny random models as an independent exact computation gave them, through the serving engine: the code behind
/// <c>parley verify oracles</c>. The part of the oracles that lies with the tests has one file of every architecture; the whole folder is
/// checked where it is there.
/// </summary>
public sealed class OracleTests
{
    private static readonly string Kept = Path.Combine(Repository.Root, "tests", "oracles");

    [Fact]
    public Task EveryArchitectureGivesTheOraclesNumbers() => HoldsAsync(Kept, OracleSuite.SetsOfThisMachine);

    [Fact]
    public Task EveryFileOfTheWholeFolderGivesTheOraclesNumbers() => HoldsAsync(SharedData.Folder("oracles"), [KernelSet.Auto]);

    private static async Task HoldsAsync(string folder, IReadOnlyList<KernelSet> sets)
    {
        var results = new List<OracleResult>();
        await foreach (var result in new OracleSuite(new OracleFolder(folder), sets).RunAsync(TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        Assert.NotEmpty(results);
        Assert.Empty(results.Where(result => !result.IsOk).Select(result => result.Verdict.ToString()));
    }
}
