using Parley.Tensors;

namespace Parley.Models;

/// <summary>Rotary scaling as GGUF states it: keys under <c>rope.scaling</c>, and lists of divisors stored as tensors.</summary>
internal static class GgufRopeScaling
{
    public static RopeScaling? Read(GgufKeys keys, GgufReader reader, int context)
    {
        var factor = keys.Number("rope.scaling.factor", keys.Number("rope.scale_linear", 0f));
        factor = factor == 0 ? 1 : factor;
        var magnitude = keys.Number("rope.scaling.attn_factor", 1f);
        var plain = Divisors(reader, GgufNames.RopeFactors);
        var isLong = reader.Tensors.ContainsKey(GgufNames.LongRopeFactors);
        var scaling = new RopeScaling
        {
            Kind = RopeScalingKind.Linear,
            Factor = factor,
            OriginalContext = keys.Integer("rope.scaling.original_context_length", context),
            AttentionFactor = magnitude == 1 ? 0 : magnitude,
            Factors = isLong ? Divisors(reader, GgufNames.ShortRopeFactors) : plain,
            LongFactors = Divisors(reader, GgufNames.LongRopeFactors),
        };
        var type = keys.Text("rope.scaling.type", isLong ? "longrope" : "linear");
        RequireUsual(keys, "yarn_ext_factor", usual: type == "yarn" ? 1 : 0, unset: -1);
        RequireUsual(keys, "yarn_attn_factor", usual: 1, unset: 1);
        return type switch
        {
            "none" or "linear" when plain.Count > 0 && (factor == 1 || type == "none") => scaling with { Kind = RopeScalingKind.Factors, Factor = 1, OriginalContext = 0 },
            "none" => null,
            "yarn" => scaling with
            {
                Kind = RopeScalingKind.Yarn,
                AttentionFactor = magnitude == 1 ? 0 : magnitude * (float)RopeFrequencies.YarnMagnitude(factor),
                BetaFast = keys.Number("rope.scaling.yarn_beta_fast", scaling.BetaFast),
                BetaSlow = keys.Number("rope.scaling.yarn_beta_slow", scaling.BetaSlow),
            },
            "longrope" => scaling with { Kind = RopeScalingKind.LongRope, Factor = 1, AttentionFactor = magnitude },
            "linear" => factor == 1 && magnitude == 1 ? null : scaling with { OriginalContext = 0 },
            _ => throw keys.Error("rope.scaling.type", $"rotary scaling \"{type}\" is not supported; none, linear, yarn and longrope are. Use a model with one of them."),
        };
    }

    // By the first llama.cpp blends frequencies, by the second it raises the magnitude; only what the type itself asks for is computed here.
    private static void RequireUsual(GgufKeys keys, string key, float usual, float unset)
    {
        var value = keys.Number("rope.scaling." + key, unset);
        if (value != usual && value != unset)
        {
            throw keys.Error("rope.scaling." + key, $"{value:R} is not supported yet, only {usual:R} is. Use a model without it.");
        }
    }

    private static NumberList Divisors(GgufReader reader, string name)
    {
        if (!reader.Tensors.ContainsKey(name))
        {
            return default;
        }

        using var tensor = reader.Map(name);
        return tensor.Shape.Count <= 1 << 16
            ? new NumberList(tensor.ToArray())
            : throw reader.Metadata.Error(name, $"has {tensor.Shape.Count} divisors, more than any head has pairs. Convert the model again.");
    }

    public static void Write(ModelConfig config, RopeScaling scaling, Action<string, GgufValue> put)
    {
        var isYarn = IsLlamaCppsYarn(scaling);
        put("rope.scaling.type", scaling.Kind switch
        {
            RopeScalingKind.Yarn when isYarn => "yarn",
            RopeScalingKind.LongRope => "longrope",
            RopeScalingKind.Linear => "linear",
            _ => "none", // the divisors stand in a tensor
        });
        if (scaling.Kind == RopeScalingKind.Linear || isYarn)
        {
            put("rope.scaling.factor", scaling.Factor);
        }

        if (scaling.OriginalContext > 0)
        {
            put("rope.scaling.original_context_length", (uint)scaling.OriginalContext);
        }

        // llama.cpp multiplies YaRN's own magnitude by the key, and knows none for the others.
        var magnitude = RopeFrequencies.Of(config, local: false).Magnitude;
        var factor = isYarn ? magnitude / RopeFrequencies.YarnMagnitude(scaling.Factor) : magnitude;
        if ((float)factor != 1)
        {
            put("rope.scaling.attn_factor", (float)factor);
        }
    }

    /// <summary>The lists of divisors that a configuration needs beside its weights.</summary>
    public static IEnumerable<(string Name, NumberList Divisors)> Tensors(ModelConfig config) => config.RopeScaling switch
    {
        { Kind: RopeScalingKind.LongRope } scaling => [(GgufNames.ShortRopeFactors, scaling.Factors), (GgufNames.LongRopeFactors, scaling.LongFactors)],
        { Kind: RopeScalingKind.Llama3 } or { Kind: RopeScalingKind.Yarn, WholePairs: false } => [(GgufNames.RopeFactors, Ratios(config))],
        { Factors.Count: > 0 } scaling => [(GgufNames.RopeFactors, scaling.Factors)],
        _ => [],
    };

    // llama.cpp always rounds the borders to whole pairs; without that the frequencies are stored as divisors, as Llama 3's are.
    private static bool IsLlamaCppsYarn(RopeScaling scaling) => scaling is { Kind: RopeScalingKind.Yarn, WholePairs: true };

    private static NumberList Ratios(ModelConfig config)
    {
        var plain = RopeFrequencies.Of(config with { RopeScaling = null }, local: false).Frequencies;
        return new NumberList(plain.Zip(RopeFrequencies.Of(config, local: false).Frequencies, static (before, after) => (float)(before / after)));
    }
}
