using Parley.Host.Drills;
using Parley.Host.Drills.Fuzzing;

namespace Parley.Host.Tests;

/// <summary>A short run of <c>drill fuzz-readers</c>, and that what it looks for would be found.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int Mutations = 1000;
    private readonly string _folder = FuzzReadersDrill.CreateFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void No_reader_takes_an_injured_file_amiss()
    {
        foreach (var target in ReaderTargets.All(_folder))
        {
            var tally = new FuzzRun(target, seed: 20_261_122).Run(Own(target), 0, 1, Mutations, () => false);
            Assert.Empty(tally.Findings.Select(finding => $"{finding.Target} {finding.Mutation}: {finding.Problem}"));
            Assert.Equal((Mutations, Mutations), (tally.Mutations, tally.Accepted + tally.Refused));
            Assert.True(tally.Refused > Mutations / 2, $"{target.Name}: only {tally.Refused} of {Mutations} were refused; the injuries miss what matters.");
            Assert.True(tally.Accepted > 0, $"{target.Name}: none was accepted; the injuries are too crude.");
        }
    }

    [Fact]
    public void Every_good_file_is_accepted()
    {
        foreach (var target in ReaderTargets.All(_folder))
        {
            target.Prepare(Own(target));
            foreach (var seed in target.Seeds)
            {
                var path = Path.Combine(Own(target), target.FileName);
                File.WriteAllBytes(path, seed);
                target.Read(path);
            }
        }
    }

    [Fact]
    public void A_crash_and_a_greedy_reader_would_be_found()
    {
        var good = ReaderTargets.All(_folder)[0];
        var crash = Run(good with { Read = _ => throw new InvalidOperationException("crash") });
        Assert.Contains("InvalidOperationException", crash.Findings[0].Problem, StringComparison.Ordinal);
        byte[]? kept = null;
        var greedy = Run(good with { Read = _ => kept = new byte[16 << 20] });
        Assert.Contains("allocated 16,", greedy.Findings[0].Problem, StringComparison.Ordinal);
        GC.KeepAlive(kept);
    }

    [Fact]
    public void A_mutation_can_be_made_again_by_its_number()
    {
        var target = ReaderTargets.All(_folder)[0];
        Assert.Equal(new FuzzRun(target, 5).Make(123), new FuzzRun(target, 5).Make(123));
        Assert.NotEqual(new FuzzRun(target, 5).Make(123), new FuzzRun(target, 6).Make(123));
    }

    private string Own(FuzzTarget target) => Directory.CreateDirectory(Path.Combine(_folder, target.Name)).FullName;

    private FuzzTally Run(FuzzTarget target) => new FuzzRun(target, seed: 1).Run(_folder, 0, 1, 3, () => false);
}
