using Parley.Models;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>Random adapters of the tiny models, large enough that an answer with one is another answer.</summary>
internal static class TinyAdapters
{
    public static Adapter Create(ModelConfig config, ulong seed, int rank = 3)
    {
        var adapter = Adapter.Initialize(config, seed % 2 == 0 ? ["q_proj", "v_proj", "down_proj"] : ["k_proj", "o_proj", "up_proj", "gate_proj"], rank, alpha: 6, seed);
        foreach (var (parameter, stream) in adapter.Parameters.Select((parameter, i) => (parameter, (ulong)i)))
        {
            Philox.FillNormal(parameter.Value, seed, stream, 0.4f);
            parameter.MarkChanged();
        }

        return adapter;
    }
}
