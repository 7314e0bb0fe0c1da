using System.CommandLine;
using Parley.Training.Optimization;
using Parley.Training.Runs;

namespace Parley.Host.Verbs;

/// <summary>The options of a training run that its weights do not depend on; they may differ from session to session.</summary>
internal sealed class TrainPolicyOptions
{
    private readonly Option<int> _keepLast = VerbOption.Of("--keep-last", "How many of the newest checkpoints are kept.", new RunPolicy().KeepLast);
    private readonly Option<bool> _keepBest = VerbOption.Of("--keep-best", "Keep the checkpoint with the fewest bits per byte as well.", true);
    private readonly Option<bool> _recompute = new("--recompute") { Description = "Compute layers again in the backward pass: less memory, more time, the same bits." };
    private readonly Option<bool> _evaluateAverage = new("--eval-ema") { Description = "Evaluate the running average of the weights instead of the newest ones." };
    private readonly Option<double> _spike = VerbOption.Of(
        "--spike", "Stop when a loss lies this many median absolute deviations (and a nat) above the median of the last 50; 0 to go on.", LossMonitor.UsualFactor);

    public IEnumerable<Option> All => [_keepLast, _keepBest, _recompute, _evaluateAverage, _spike];

    public RunPolicy Read(ParseResult result) => new()
    {
        KeepLast = result.GetValue(_keepLast),
        KeepBest = result.GetValue(_keepBest),
        Recompute = result.GetValue(_recompute),
        EvaluateAverage = result.GetValue(_evaluateAverage),
        SpikeFactor = result.GetValue(_spike),
    };
}
