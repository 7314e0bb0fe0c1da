using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>Short work that fills the end of a dispatch of products: packing a matrix for later, and sums of the columns of up to three.</summary>
internal struct GroupFillers
{
    private const int GroupsPerSum = 4;

    private MatrixSource _source;
    private Panels _panels;
    private bool _inPairs;
    private int _stepsPerChunk, _packs, _sumCount;
    private Sums _sums;

    /// <summary>How many chunks this is.</summary>
    public int Chunks { get; private set; }

    /// <summary>Adds the packing of a matrix; once.</summary>
    public void Pack(MatrixSource source, Panels panels, bool inPairs)
    {
        (_source, _panels, _inPairs) = (source, panels, inPairs);
        _stepsPerChunk = Math.Max(1, PackWork.DepthPerChunk(source) / (inPairs ? 2 : 1));
        _packs = (panels.Depth + _stepsPerChunk - 1) / _stepsPerChunk;
        Chunks += _packs;
    }

    public void Sum(ColumnSum sum, int columns)
    {
        _sums[_sumCount++] = (sum, Edge.Groups(columns));
        Chunks += SumChunks(Edge.Groups(columns));
    }

    public readonly void Execute<TLanes>(int chunk)
        where TLanes : struct, ILanes<TLanes>
    {
        if (chunk < _packs)
        {
            Pack(chunk);
            return;
        }

        chunk -= _packs;
        int i = 0;
        for (; chunk >= SumChunks(_sums[i].Groups); i++)
        {
            chunk -= SumChunks(_sums[i].Groups);
        }

        _sums[i].Sum.Execute<TLanes>(chunk * GroupsPerSum, Math.Min(_sums[i].Groups, (chunk + 1) * GroupsPerSum));
    }

    private static int SumChunks(int groups) => (groups + GroupsPerSum - 1) / GroupsPerSum;

    private readonly void Pack(int chunk)
    {
        if (_inPairs)
        {
            new PairPackWork(_source, _panels, _stepsPerChunk).Execute(chunk);
        }
        else
        {
            new PackWork(_source, _panels, _stepsPerChunk).Execute(chunk);
        }
    }

    [InlineArray(LinearGroup.Most)]
    private struct Sums
    {
        private (ColumnSum Sum, int Groups) _first;
    }
}
