namespace Parley.Tensors.Autograd;

/// <summary>The three matrices of one expert: down(act(gate(x)) * up(x)).</summary>
public readonly record struct ExpertWeights(Parameter Gate, Parameter Up, Parameter Down);

/// <summary>How tokens are given to experts: the <paramref name="Each"/> with the largest softmax of the router's scores.</summary>
/// <param name="Each">Experts per token.</param>
/// <param name="Normalise">True when a token's weights are divided by their sum.</param>
/// <param name="Gelu">True for GELU instead of SiLU in the gate.</param>
public readonly record struct ExpertRouting(int Each, bool Normalise, bool Gelu);

/// <summary>
/// The forward pass through a mixture of experts: every token goes to all of its experts, grouped by expert, and is summed in the order
/// of its own ranking, so its bits depend on no other token. The lists are kept from call to call: a steady state allocates nothing.
/// </summary>
internal sealed class ExpertMixture(Operations operations)
{
    private int[] _chosen = []; // [T * k] the experts of each token, likeliest first
    private int[] _places = []; // [T * k] where the outputs of _chosen stand among the grouped rows
    private int[] _tokens = []; // [T * k] the token of each grouped row
    private int[] _ends = []; // [E] the end of each expert's grouped rows
    private float[] _weights = []; // [T * k]

    /// <param name="x">[T, D]</param>
    /// <param name="scores">[T, E]; overwritten.</param>
    /// <param name="experts">E of them.</param>
    /// <param name="routing">How to choose.</param>
    public Tensor Run(Tensor x, Tensor scores, ReadOnlySpan<ExpertWeights> experts, ExpertRouting routing)
    {
        var rows = checked(x.Shape.Rows * routing.Each);
        Grow(rows, experts.Length);
        Route(scores, routing);
        Group(rows, routing.Each);
        var output = operations.Arena.Take(x.Shape);
        var mark = operations.Arena.Mark();
        var fed = operations.Arena.Take(new(rows, x.Shape.Last)); // [T * k, D] grouped by expert
        for (var expert = 0; expert < experts.Length; expert++)
        {
            var first = expert == 0 ? 0 : _ends[expert - 1];
            if (_ends[expert] > first)
            {
                Feed(x, experts[expert], routing.Gelu, first, operations.Arena.Rows(fed, first, _ends[expert] - first));
            }
        }

        operations.Device.MixExperts(fed, _places.AsMemory(0, rows), _weights.AsMemory(0, rows), output);
        operations.Arena.Release(mark);
        return output;
    }

    private void Feed(Tensor x, in ExpertWeights expert, bool gelu, int first, Tensor output)
    {
        var mark = operations.Arena.Mark();
        var rows = operations.GatherRows(x, _tokens.AsMemory(first, output.Shape.Rows));
        var inner = gelu ? operations.LinearGeGlu(rows, new(expert.Gate), new(expert.Up)) : operations.LinearSwiGlu(rows, new(expert.Gate), new(expert.Up));
        operations.Device.Linear(inner, expert.Down, bias: null, output);
        operations.Arena.Release(mark);
    }

    private void Grow(int rows, int experts)
    {
        if (_chosen.Length < rows)
        {
            (_chosen, _places, _tokens, _weights) = (new int[rows], new int[rows], new int[rows], new float[rows]);
        }

        if (_ends.Length < experts)
        {
            _ends = new int[experts];
        }
    }

    /// <summary>Chooses each token's experts; of equal scores the lower number wins.</summary>
    private void Route(Tensor scores, ExpertRouting routing)
    {
        operations.Device.Softmax(scores);
        var shares = scores.WritableFloats();
        var width = scores.Shape.Last;
        for (var token = 0; token < scores.Shape.Rows; token++)
        {
            var row = shares.Slice(token * width, width);
            var weights = _weights.AsSpan(token * routing.Each, routing.Each);
            var sum = 0f;
            for (var rank = 0; rank < routing.Each; rank++)
            {
                var best = 0;
                for (var expert = 1; expert < width; expert++) best = row[expert] > row[best] ? expert : best;
                (_chosen[token * routing.Each + rank], weights[rank]) = (best, row[best]);
                sum += row[best];
                row[best] = -1; // below every share: not chosen again
            }

            for (var rank = 0; routing.Normalise && rank < routing.Each; rank++) weights[rank] /= sum;
        }
    }

    /// <summary>Counts, then places every (token, rank) behind those of lower experts and earlier tokens.</summary>
    private void Group(int rows, int each)
    {
        var ends = _ends.AsSpan();
        ends.Clear();
        for (var i = 0; i < rows; i++) ends[_chosen[i]]++;
        var start = 0;
        for (var expert = 0; expert < ends.Length; expert++) (ends[expert], start) = (start, start + ends[expert]);
        for (var i = 0; i < rows; i++)
        {
            var place = ends[_chosen[i]]++; // from its expert's start to its end
            (_places[i], _tokens[place]) = (place, i / each);
        }
    }
}
