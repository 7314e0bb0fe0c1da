using System.Globalization;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Which storage type every tensor of a model gets, by llama.cpp's rules (llama-quant.cpp, <c>llama_tensor_get_type</c>):
/// norms, routers, positions and vectors stay as they are; the output - or the embedding that serves as one - gets six bits;
/// the M mixes give more bits to the values and down projections of the first and last eighth of the layers and of every
/// third between, the S mixes to the first few; rows that are no whole number of super-blocks fall back to the next 32-block
/// type. Works on tensor names alone, so it knows no architecture.
/// </summary>
public sealed class QuantizationMix
{
    private const string Output = "output.weight";
    private const string Embedding = "token_embd.weight";

    private readonly QuantizationType _type;
    private readonly bool _hasOutput;
    private readonly int _layers;
    private readonly int _experts;

    public QuantizationMix(QuantizationType type, GgufReader model)
        : this(type, model.Metadata, model.Tensors.ContainsKey(Output))
    {
    }

    /// <summary>The mix of a file that is still to be written.</summary>
    /// <param name="metadata">Tells layers and experts.</param>
    /// <param name="hasOutput">False where the embedding serves as the output.</param>
    public QuantizationMix(QuantizationType type, GgufMetadata metadata, bool hasOutput)
    {
        (_type, _hasOutput) = (type, hasOutput);
        var architecture = metadata.Text("general.architecture", "") + ".";
        _layers = metadata.Integer(architecture + "block_count", 0);
        _experts = metadata.Integer(architecture + "expert_count", 0);
    }

    /// <summary>The type that a matrix of this name and shape gets.</summary>
    public GgmlType TypeOf(string name, Shape shape) => TypeOf(new GgufTensorInfo(name, shape, GgmlType.F32, 0, 0));

    /// <summary>The type that <paramref name="tensor"/> gets; its own when it is left alone.</summary>
    public GgmlType TypeOf(GgufTensorInfo tensor)
    {
        if (!IsMatrix(tensor))
        {
            return tensor.Type;
        }

        return _type.Default is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 ? _type.Default : Fitting(Chosen(tensor), tensor.Shape.Last);
    }

    // Everything that is multiplied as a matrix: routers and positions are small and sensitive.
    private static bool IsMatrix(GgufTensorInfo tensor) =>
        tensor.Shape.Rank >= 2
        && tensor.Name.EndsWith(".weight", StringComparison.Ordinal)
        && !tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal)
        && !tensor.Name.EndsWith("ffn_gate_inp.weight", StringComparison.Ordinal)
        && tensor.Name is not ("position_embd.weight" or "token_types.weight");

    private GgmlType Chosen(GgufTensorInfo tensor)
    {
        if (tensor.Name == Output || (!_hasOutput && tensor.Name == Embedding))
        {
            return tensor.Shape.Last % BlockLength(_type.Default) != 0 || _type.Default == GgmlType.Q8_0 ? GgmlType.Q8_0 : GgmlType.Q6_K;
        }

        if (Has(tensor, "attn_v.weight"))
        {
            return _experts == 8 ? GgmlType.Q8_0 : LayerType(Layer(tensor), firstLayers: 4);
        }

        if (Has(tensor, "attn_k.weight") && _experts == 8)
        {
            return GgmlType.Q8_0;
        }

        if (Has(tensor, "ffn_down"))
        {
            return LayerType(Layer(tensor), firstLayers: _layers / 8);
        }

        if (Has(tensor, "attn_output.weight") && _experts == 8 && _type.Default == GgmlType.Q4_K && _type.Mix != QuantizationMixKind.None)
        {
            return GgmlType.Q5_K;
        }

        return Has(tensor, "attn_qkv.weight") && _type.Mix == QuantizationMixKind.Medium ? Higher(_type.Default) : _type.Default;
    }

    private GgmlType LayerType(int layer, int firstLayers) => _type.Mix switch
    {
        QuantizationMixKind.Medium when UseMoreBits(layer) => GgmlType.Q6_K,
        QuantizationMixKind.Small when _type.Default == GgmlType.Q4_K && layer < firstLayers => GgmlType.Q5_K,
        _ => _type.Default,
    };

    private bool UseMoreBits(int layer) => layer < _layers / 8 || layer >= 7 * _layers / 8 || (layer - _layers / 8) % 3 == 2;

    private static GgmlType Higher(GgmlType type) => type == GgmlType.Q4_K ? GgmlType.Q5_K : GgmlType.Q6_K;

    private static GgmlType Fitting(GgmlType type, int columns)
    {
        var chosen = columns % BlockLength(type) == 0 ? type : type switch
        {
            GgmlType.Q4_K => GgmlType.Q5_0,
            GgmlType.Q5_K => GgmlType.Q5_1,
            GgmlType.Q6_K => GgmlType.Q8_0,
            _ => GgmlType.F16,
        };
        return columns % BlockLength(chosen) == 0 ? chosen : GgmlType.F16;
    }

    private static int BlockLength(GgmlType type) => type.Block()!.Value.Elements;

    private static bool Has(GgufTensorInfo tensor, string part) => tensor.Name.Contains(part, StringComparison.Ordinal);

    // "blk.12.attn_v.weight" -> 12; a tensor outside the layers counts as beyond them.
    private static int Layer(GgufTensorInfo tensor) =>
        tensor.Name.Split('.') is ["blk", var number, ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : int.MaxValue;
}
