using System.Text.Json;
using System.Text.RegularExpressions;

namespace Parley.Models;

/// <summary>
/// <c>adapter_config.json</c> of a LoRA adapter (https://github.com/huggingface/peft, LoraConfig): ranks and scales. What would change the numbers
/// and is not computed is refused by name, also when it is newer than this reader.
/// </summary>
internal sealed class PeftConfig
{
    public const string FileName = "adapter_config.json";

    // Says nothing about the numbers, or says it of tensors that are looked at themselves. fan_in_fan_out tells how the base weight lies, not the pair.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "peft_type", "task_type", "auto_mapping", "base_model_name_or_path", "revision", "inference_mode", "peft_version", "lora_dropout", "fan_in_fan_out",
        "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "megatron_config", "megatron_core", "eva_config", "qalora_group_size",
        "r", "lora_alpha", "rank_pattern", "alpha_pattern", "use_rslora", "bias", "init_lora_weights", "runtime_config", "ensure_weight_tying",
    };

    // Ways to begin that also change the base weights, so that the pair alone is only half of what was learned.
    private static readonly string[] ChangesBase = ["pissa", "olora", "loftq", "corda"];

    private readonly int _rank;
    private readonly double _alpha;
    private readonly bool _stabilised;
    private readonly (Regex Pattern, int Rank)[] _ranks;
    private readonly (Regex Pattern, double Alpha)[] _alphas;

    private PeftConfig(JsonFields fields)
    {
        Refuse(fields);
        (_rank, _alpha, _stabilised) = (fields.Integer("r"), fields.Real("lora_alpha"), fields.Flag("use_rslora"));
        _ranks = [.. Patterns(fields, "rank_pattern", static (patterns, key) => patterns.Integer(key))];
        _alphas = [.. Patterns(fields, "alpha_pattern", static (patterns, key) => patterns.Real(key))];
    }

    /// <exception cref="ModelFormatException">It cannot be read, or asks for what cannot be honoured.</exception>
    public static PeftConfig Read(string path)
    {
        var bytes = HuggingFaceModel.ReadConfig(path);
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 16 });
            return new PeftConfig(new JsonFields(document.RootElement, path));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter: strings that are not Unicode
        {
            throw ModelFormatException.At(path, null, null, "is not valid JSON. Copy or download it again.", error);
        }
    }

    /// <summary>The rank that a module must have: of the first pattern that its name ends with, or r.</summary>
    public int RankOf(string module) => Array.Find(_ranks, pattern => pattern.Pattern.IsMatch(module)) is { Pattern: not null, Rank: var rank } ? rank : _rank;

    /// <summary>lora_alpha / r, or lora_alpha / sqrt(r) for rank-stabilised ones (arXiv:2312.03732).</summary>
    public double ScaleOf(string module, int rank)
    {
        var alpha = Array.Find(_alphas, pattern => pattern.Pattern.IsMatch(module)) is { Pattern: not null, Alpha: var own } ? own : _alpha;
        return alpha / (_stabilised ? Math.Sqrt(rank) : rank);
    }

    private static void Refuse(JsonFields fields)
    {
        if (fields.Text("peft_type") is var type && type != "LORA")
        {
            throw fields.Error("peft_type", $"is {type}; only LORA can be used. Train or take a LoRA adapter.");
        }

        if (fields.Text("bias", "none") is var bias && bias != "none")
        {
            throw fields.Error("bias", $"\"{bias}\" means that biases of the model were trained too, which cannot be honoured. Train with bias=\"none\".");
        }

        foreach (var key in fields.Keys.Where(key => !Harmless.Contains(key) && !fields.IsUnset(key)))
        {
            throw fields.Error(key, "this setting of PEFT cannot be honoured. Use an adapter trained without it.");
        }

        if (fields.TextOrNull("init_lora_weights") is { } start && Array.Exists(ChangesBase, way => start.StartsWith(way, StringComparison.OrdinalIgnoreCase)))
        {
            throw fields.Error("init_lora_weights", $"\"{start}\" changes the model's own weights too. Save it with path_initial_model_for_weight_conversion.");
        }
    }

    // PEFT matches re.match(rf"(.*\.)?({key})$", module). Patterns come from a file, so they must not run long.
    private static IEnumerable<(Regex Pattern, T Value)> Patterns<T>(JsonFields fields, string name, Func<JsonFields, string, T> read)
    {
        if (fields.Object(name) is not { } patterns)
        {
            yield break;
        }

        foreach (var key in patterns.Keys)
        {
            Regex pattern;
            try
            {
                pattern = new Regex($@"^(.*\.)?({key})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            }
            catch (Exception error) when (error is ArgumentException or NotSupportedException)
            {
                throw fields.Error(name, $"the pattern '{key}' is not a plain regular expression. Name the modules whole.");
            }

            yield return (pattern, read(patterns, key));
        }
    }
}
