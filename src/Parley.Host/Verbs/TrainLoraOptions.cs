using System.CommandLine;
using System.CommandLine.Parsing;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>The options that train an adapter in place of the weights.</summary>
internal sealed class TrainLoraOptions
{
    // An adapter learns best at about ten times the rate of the whole weights (Schulman et al., "LoRA Without Regret", 2025).
    private const double Rate = 3e-3;

    private readonly Option<int?> _rank = new("--lora") { Description = "Train an adapter of this rank beside the weights, which stay as they are (LoRA)." };
    private readonly Option<double?> _alpha = new("--lora-alpha") { Description = "The adapter's scale is alpha / rank; twice the rank unless given." };
    private readonly Option<string> _targets = VerbOption.Of(
        "--lora-targets", "Projections that get an adapter, by comma: q, k, v, o, gate, up, down, or all.", LoraSettings.AllTargets);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _rank, _alpha, _targets }) command.Options.Add(option);
    }

    /// <summary>The options with the adapter that was asked for, if one was.</summary>
    /// <exception cref="InvalidDataException">Something is said about an adapter that is not asked for.</exception>
    public RunOptions Read(ParseResult result, RunOptions options, TrainRunOptions common)
    {
        if (result.GetValue(_rank) is { } rank)
        {
            string[] targets = result.GetRequiredValue(_targets).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return common.WithUsualRate(result, options, Rate) with { Lora = new LoraSettings(rank, result.GetValue(_alpha) ?? LoraSettings.UsualAlpha(rank), targets) };
        }

        return result.GetValue(_alpha) is null && TrainModelOptions.IsImplicit(result, _targets)
            ? options
            : throw new InvalidDataException("--lora-alpha and --lora-targets are of an adapter; give its rank with --lora too.");
    }
}
