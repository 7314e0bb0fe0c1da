using Parley.Models;

namespace Parley.Inference;

/// <summary>
/// The hidden states of one sequence on their way to one vector. Rows are added in the order of their positions, one after the other in single
/// precision, so that the vector does not depend on how the prompt was cut into chunks or who else was in the batch.
/// </summary>
internal sealed class VectorPool
{
    private readonly int _length;
    private float[] _sum = [];

    private VectorPool(Pooling pooling, int length) => (Pooling, _length) = (pooling, length);

    public Pooling Pooling { get; }

    /// <summary>True when the prefix cache is of no use: it has keys and values of positions, not their hidden states.</summary>
    public bool NeedsAllRows => Pooling != Pooling.Last;

    /// <summary>Null when the request generates.</summary>
    public static VectorPool? For(EngineRequest request) =>
        request.Pooling == Pooling.None ? null : new(request.Pooling, request.Prompt.Length + request.ResumeFrom.Length);

    /// <summary>Takes the rows of consecutive positions.</summary>
    /// <param name="rows">[count, D]</param>
    public void Add(ReadOnlySpan<float> rows, int position, int width)
    {
        if (_sum.Length == 0)
        {
            _sum = new float[width];
        }

        for (var i = 0; i * width < rows.Length; i++)
        {
            Add(rows.Slice(i * width, width), position + i);
        }
    }

    /// <summary>What was pooled, when all rows were added.</summary>
    public float[] Take()
    {
        if (Pooling == Pooling.Mean)
        {
            foreach (ref var value in _sum.AsSpan())
            {
                value /= _length;
            }
        }

        return _sum;
    }

    /// <summary>The sequence starts again.</summary>
    public void Clear() => _sum = [];

    private void Add(ReadOnlySpan<float> row, int position)
    {
        switch (Pooling)
        {
            case Pooling.Mean:
                for (var i = 0; i < row.Length; i++)
                {
                    _sum[i] += row[i];
                }

                break;
            case Pooling.Last when position == _length - 1:
            case Pooling.First or Pooling.Rank when position == 0:
                row.CopyTo(_sum);
                break;
        }
    }
}
