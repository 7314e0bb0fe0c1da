using System.CommandLine;
using System.CommandLine.Parsing;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>The options that say what a new model looks like, and how they become a <see cref="ModelShape"/>.</summary>
internal sealed class TrainModelOptions
{
    private readonly Option<int?> _depth = new("--depth") { Description = "One dial for all sizes: sets layers, width, heads, batch and learning rate by scaling rules; what is given beside it counts." };
    private readonly Option<string> _style = VerbOption.Of("--style", "llama or gpt2.", "llama").AcceptOnlyFromAmong("llama", "gpt2");
    private readonly Option<int> _layers = VerbOption.Of("--layers", "Decoder layers.", 6);
    private readonly Option<int> _hidden = VerbOption.Of("--hidden", "Width of the model.", 384);
    private readonly Option<int> _heads = VerbOption.Of("--heads", "Attention heads.", 6);
    private readonly Option<int?> _kvHeads = new("--kv-heads") { Description = "Key and value heads; as many as heads unless given." };
    private readonly Option<int?> _intermediate = new("--intermediate") { Description = "Feed-forward width; about 8/3 of the hidden size unless given, 4 times it without a gate." };
    private readonly Option<bool> _untied = new("--untied") { Description = "Give the output head weights of its own." };
    private readonly Option<bool> _norms = new("--qk-norm") { Description = "Normalise queries and keys." };
    private readonly Option<bool> _relu2 = new("--relu2") { Description = "Feed-forward blocks of squared ReLU without a gate." };
    private readonly Option<float> _cap = VerbOption.Of("--logit-cap", "Cap logits softly at this size; 0 for not at all.", 0f);
    private readonly Option<int> _window = VerbOption.Of("--window", "Tokens that three of four layers see; 0 for all.", 0);

    public void AddTo(Command command)
    {
        Option[] all = [_depth, _style, _layers, _hidden, _heads, _kvHeads, _intermediate, _untied, _norms, _relu2, _cap, _window];
        foreach (var option in all) command.Options.Add(option);
    }

    /// <summary>The shape, and the options with what the dial sets.</summary>
    /// <exception cref="InvalidDataException">The dial is out of range.</exception>
    public (ModelShape Shape, RunOptions Options) Read(ParseResult result, RunOptions options, TrainRunOptions common)
    {
        var dial = result.GetValue(_depth) is { } depth
            ? new DepthDial(depth is >= 1 and <= 96 ? depth : throw new InvalidDataException($"--depth {depth} must lie between 1 and 96."))
            : null;
        int Size(Option<int> option, int? dialled) => dialled is { } value && IsImplicit(result, option) ? value : result.GetValue(option);
        var shape = new ModelShape(Size(_layers, dial?.Depth), Size(_hidden, dial?.Hidden), Size(_heads, dial?.Heads), result.GetValue(_kvHeads))
        {
            Style = result.GetValue(_style) == "gpt2" ? ModelStyle.Gpt2 : ModelStyle.Llama,
            Intermediate = result.GetValue(_intermediate),
            TieEmbeddings = !result.GetValue(_untied),
            QueryKeyNorms = result.GetValue(_norms),
            Relu2 = result.GetValue(_relu2),
            LogitSoftCap = result.GetValue(_cap),
            SlidingWindow = result.GetValue(_window),
        };
        return (shape, dial is null ? options : common.Dial(result, options, dial));
    }

    /// <summary>True when an option has its default because nobody gave it.</summary>
    public static bool IsImplicit(ParseResult result, Option option) => result.GetResult(option) is not OptionResult { Implicit: false };
}
