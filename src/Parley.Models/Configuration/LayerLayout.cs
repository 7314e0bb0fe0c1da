using Parley.Tensors;

namespace Parley.Models;

/// <summary>The tensors of one layer, in order; part of <see cref="ParameterLayout"/>.</summary>
internal readonly struct LayerLayout(ModelConfig config, int layer)
{
    public IEnumerable<ParameterSpec> Specs() => [.. Attention(), .. Mlp()];

    private IEnumerable<ParameterSpec> Attention()
    {
        var width = config.HiddenSize;
        var (queries, keys) = (config.Heads * config.HeadDim, config.KVHeads * config.HeadDim);
        var hasBias = config.QueryKeyValueBias;
        return
        [
            .. config.NormsAfterResidual ? None : Norm("input_layernorm", width), // [D]
            .. Linear("self_attn.q_proj", queries, width, ParameterRole.Rotated, hasBias), // [H * Dh, D]
            .. Linear("self_attn.k_proj", keys, width, ParameterRole.Rotated, hasBias), // [Hkv * Dh, D]
            .. Linear("self_attn.v_proj", keys, width, ParameterRole.Projection, hasBias), // [Hkv * Dh, D]
            .. Linear("self_attn.o_proj", width, queries, ParameterRole.Residual, config.OutputBias), // [D, H * Dh]
            .. config.QueryKeyNorms ? [One("self_attn.q_norm.weight", config.HeadDim), One("self_attn.k_norm.weight", config.HeadDim)] : None, // [Dh]
            .. Norm("post_attention_layernorm", width), // [D]
        ];
    }

    private IEnumerable<ParameterSpec> Mlp()
    {
        var width = config.HiddenSize;
        return
        [
            .. config.PostNorms ? Norm("pre_feedforward_layernorm", width) : None, // [D]
            .. config.Experts == 0 ? Dense() : Experts(),
            .. config.PostNorms || config.NormsAfterResidual ? Norm("post_feedforward_layernorm", width) : None, // [D]
        ];
    }

    private IEnumerable<ParameterSpec> Dense()
    {
        var (width, inner) = (config.HiddenSize, config.IntermediateSize);
        return
        [
            .. config.GatedMlp ? Linear("mlp.gate_proj", inner, width, ParameterRole.Projection, config.MlpBias) : None, // [F, D]
            .. Linear("mlp.up_proj", inner, width, ParameterRole.Projection, config.MlpBias), // [F, D]
            .. Linear("mlp.down_proj", width, inner, ParameterRole.Residual, config.MlpBias), // [D, F]
        ];
    }

    private IEnumerable<ParameterSpec> Experts()
    {
        var (width, inner) = (config.HiddenSize, config.IntermediateSize);
        yield return new(Prefix + "mlp.gate.weight", new Shape(config.Experts, width), ParameterRole.Router, layer); // [E, D]
        for (var expert = 0; expert < config.Experts; expert++)
        {
            var prefix = ParameterLayout.ExpertPrefix(layer, expert);
            yield return new(prefix + "gate_proj.weight", new Shape(inner, width), ParameterRole.Projection, layer) { Expert = expert }; // [F, D]
            yield return new(prefix + "up_proj.weight", new Shape(inner, width), ParameterRole.Projection, layer) { Expert = expert }; // [F, D]
            yield return new(prefix + "down_proj.weight", new Shape(width, inner), ParameterRole.Residual, layer) { Expert = expert }; // [D, F]
        }
    }

    private string Prefix => ParameterLayout.Prefix(layer);

    private static IEnumerable<ParameterSpec> None => [];

    private ParameterSpec One(string name, int count) => new(Prefix + name, new Shape(count), ParameterRole.Norm, layer);

    private ParameterSpec[] Norm(string name, int count) => config.Norm == NormKind.Layer
        ? [One(name + ".weight", count), new(Prefix + name + ".bias", new Shape(count), ParameterRole.Bias, layer)]
        : [One(name + ".weight", count)];

    private ParameterSpec[] Linear(string name, int outputs, int inputs, ParameterRole role, bool hasBias)
    {
        var weight = new ParameterSpec(Prefix + name + ".weight", new Shape(outputs, inputs), role, layer);
        var biasRole = role == ParameterRole.Rotated ? ParameterRole.RotatedBias : ParameterRole.Bias;
        return hasBias ? [weight, new(Prefix + name + ".bias", new Shape(outputs), biasRole, layer)] : [weight];
    }
}
