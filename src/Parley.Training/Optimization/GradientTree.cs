using System.Numerics;
using Parley.Tensors;

namespace Parley.Training.Optimization;

/// <summary>
/// Sums the gradients of a step's logical shards by one fixed binary tree: ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)). Works like a binary
/// counter, so that log2(shards) stored sets are enough whatever the number of shards. The order depends on the shard numbers alone, which
/// is what makes one process, several processes and a resumed run agree to the bit.
/// </summary>
public sealed class GradientTree(IReadOnlyList<Parameter> parameters, TensorMath math) : IDisposable
{
    private readonly List<Tensor[]> _levels = [];
    private long _leaves;
    private long _expected;

    /// <summary>Forgets all sums and clears the gradients for the first shard.</summary>
    /// <param name="shards">How many will be pushed, so that the last is summed where it is; 0 if that is not known.</param>
    public void Begin(long shards = 0)
    {
        (_leaves, _expected) = (0, shards);
        Clear();
    }

    /// <summary>Takes the parameters' gradients as the next shard's, and clears them for the one after it.</summary>
    public void Push()
    {
        // The set bits of the counter are the levels that hold a sum; adding a leaf carries through the lowest of them.
        var level = 0;
        for (; ((_leaves >> level) & 1) == 1; level++) AddLevel(level);
        _leaves++;
        if (_leaves == _expected) return;
        Store(level);
        Clear();
    }

    /// <summary>Leaves the sum of all shards in the parameters' gradients.</summary>
    public void Finish()
    {
        // With the number of shards known the smallest subtree is not stored: it is the parameters' gradients already.
        var level = _leaves == _expected && _leaves > 0 ? BitOperations.TrailingZeroCount(_leaves) + 1 : 0;
        for (; _leaves >> level != 0; level++)
        {
            if (((_leaves >> level) & 1) == 1) AddLevel(level);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _levels.SelectMany(level => level)) tensor.Dispose();
    }

    private void AddLevel(int level)
    {
        for (var i = 0; i < parameters.Count; i++) math.AddInPlace(parameters[i].Gradient!, _levels[level][i]);
    }

    private void Store(int level)
    {
        if (level == _levels.Count) _levels.Add([.. parameters.Select(parameter => Tensor.Allocate(parameter.Value.Shape))]);
        for (var i = 0; i < parameters.Count; i++) _levels[level][i].CopyFrom(parameters[i].Gradient!);
    }

    private void Clear()
    {
        foreach (var parameter in parameters) parameter.RequireGradient().Fill(0f);
    }
}
