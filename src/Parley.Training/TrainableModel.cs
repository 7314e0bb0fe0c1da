using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Training;

/// <summary>
/// A decoder and what of it a run changes: all of its weights, or an adapter beside weights that stay as they are. Whoever computes with the model of a
/// run does it through this; only who stores it needs to ask which of the two it is. Owns both.
/// </summary>
/// <param name="adapter">What is trained in place of the decoder's weights; null: the weights themselves.</param>
public sealed class TrainableModel(Decoder decoder, Adapter? adapter = null) : IDisposable
{
    public Decoder Decoder => decoder;

    public Adapter? Adapter => adapter;

    public ModelConfig Config => decoder.Config;

    /// <summary>What is trained, in a fixed order. Nothing else has a gradient or moments, or ever changes.</summary>
    public IReadOnlyList<Parameter> Parameters => adapter?.Parameters ?? decoder.Parameters;

    /// <summary>As <see cref="Models.Decoder.Forward"/>, all rows with the adapter if there is one.</summary>
    /// <returns>[T, D]</returns>
    public Tensor Forward(Operations ops, ReadOnlyMemory<int> tokens, AttentionBatch batch) =>
        decoder.Forward(ops, tokens, batch, adapters: adapter is null ? null : LowRankRows.All(adapter, tokens.Length));

    public void Dispose()
    {
        adapter?.Dispose();
        decoder.Dispose();
    }
}
