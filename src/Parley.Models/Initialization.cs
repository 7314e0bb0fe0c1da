using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// How a model starts. Matrices are normal with standard deviation 0.02; those that add to the residual stream are
/// divided by sqrt(2 L), so that its variance does not grow with depth (GPT-2); norm gains are one. The random stream of a
/// tensor is keyed by its name, so adding a tensor moves no other. With D = O(100) the loss starts close to ln V.
/// </summary>
internal static class Initialization
{
    public const float StandardDeviation = 0.02f;

    public static Dictionary<string, Parameter> Create(ModelConfig config, ulong seed)
    {
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var spec in ParameterLayout.Of(config))
        {
            var value = Tensor.AllocateLongLived(spec.Shape);
            Fill(value, spec, config, seed);
            parameters.Add(spec.Name, new Parameter(spec.Name, value));
        }

        return parameters;
    }

    private static void Fill(Tensor value, ParameterSpec spec, ModelConfig config, ulong seed)
    {
        switch (spec.Role)
        {
            case ParameterRole.Norm:
                value.Fill(1f);
                break;
            case ParameterRole.Residual:
                Philox.FillNormal(value, seed, Stream(spec.Name), StandardDeviation / MathF.Sqrt(2f * config.Layers));
                break;
            case ParameterRole.Bias or ParameterRole.RotatedBias:
                break; // allocated as zero
            default:
                Philox.FillNormal(value, seed, Stream(spec.Name), StandardDeviation);
                break;
        }
    }

    /// <summary>FNV-1a (64 bits) of the name: far from the small stream numbers that data order and sampling use under the same seed.</summary>
    internal static ulong Stream(string name)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var letter in name)
        {
            hash = (hash ^ letter) * 1_099_511_628_211UL;
        }

        return hash;
    }
}
