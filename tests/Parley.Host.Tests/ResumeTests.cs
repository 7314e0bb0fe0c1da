using Parley.Host.Drills.Resuming;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>A training process killed with SIGKILL, also while it tokenises and while it writes a checkpoint, ends with the bits of one that nobody disturbed.</summary>
public sealed class ResumeTests
{
    [Fact]
    public async Task Five_kills_change_no_bit_of_the_final_weights()
    {
        using var folder = new TemporaryFolder();
        var outcome = await ResumeDrill.KillAsync(folder.Path, kills: 5, steps: 60, new Random(2), TestContext.Current.CancellationToken);
        Assert.True(outcome.Equal, "The killed run ended with other weights or moments.");
        Assert.Equal(5, outcome.Hits);
        Assert.Equal(outcome.Flipped, outcome.Noticed);
    }
}
