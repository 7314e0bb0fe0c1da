using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Up to three products of one input. A chunk is some groups of one weight for all tokens: within it a few groups stay in the first cache
/// while the panels of a block of tokens, which stays in the second, pass by. No cut shows in a result.
/// </summary>
internal readonly unsafe struct QuantizedWork : IWorkerWork
{
    /// <summary>A multiple of every tile's groups.</summary>
    private const int ChunkMultiple = 12;

    // Enough chunks that a worker which comes late, or loses its core, does not keep the others waiting long.
    private const int ChunksPerWorker = 12;

    // Later panels would only ask again for what is on its way.
    private const int PrefetchingPanels = 4;

    private const int InputBytesPerBlock = 320 << 10;

    private readonly R16Kernels _kernels;
    private readonly QuantizedProduct _a, _b, _c;
    private readonly int _groupsPerChunk, _endOfA, _endOfB;

    public QuantizedWork(R16Kernels kernels, ReadOnlySpan<QuantizedProduct> products, int workers)
    {
        _kernels = kernels;
        int groups = 0;
        foreach (QuantizedProduct product in products)
        {
            groups += product.Weight.Groups;
        }

        int fair = groups / (workers * ChunksPerWorker);
        _groupsPerChunk = Math.Clamp(fair / ChunkMultiple, 1, 4) * ChunkMultiple;
        _groupsPerChunk = fair >= ChunkMultiple ? _groupsPerChunk : Math.Max(1, fair / 4) * 4;
        _a = products[0];
        _endOfA = ChunksOf(_a);
        _b = products.Length > 1 ? products[1] : default;
        _endOfB = _endOfA + (products.Length > 1 ? ChunksOf(_b) : 0);
        _c = products.Length > 2 ? products[2] : default;
        Chunks = _endOfB + (products.Length > 2 ? ChunksOf(_c) : 0);
    }

    public int Chunks { get; }

    public void Execute(int chunk, int worker)
    {
        if (chunk < _endOfA)
        {
            Multiply(_a, chunk);
        }
        else if (chunk < _endOfB)
        {
            Multiply(_b, chunk - _endOfA);
        }
        else
        {
            Multiply(_c, chunk - _endOfB);
        }
    }

    private int ChunksOf(in QuantizedProduct product) => (product.Weight.Groups + _groupsPerChunk - 1) / _groupsPerChunk;

    private void Multiply(in QuantizedProduct product, int chunk)
    {
        int first = chunk * _groupsPerChunk;
        int end = Math.Min(first + _groupsPerChunk, product.Weight.Groups);
        ActivationPanels input = product.Input;
        int panels = (int)Math.Max(1, InputBytesPerBlock / (input.Width(0) * input.TokenBytes));
        int narrow = input.Width(input.PanelCount - 1);
        for (int panel = 0; panel < input.PanelCount; panel += panels)
        {
            int endPanel = Math.Min(panel + panels, input.PanelCount);
            for (int group = first; group < end;)
            {
                int groups = _kernels.Groups(product.Weight.Format, input.Width(0), end - group);
                groups = _kernels.Groups(product.Weight.Format, narrow, groups);
                int more = input.PanelCount == 1 && input.Parts == 1 ? (WholeGroups(product, end) - group) / groups - 1 : 0;
                Multiply(product, group, groups, Math.Max(0, more), panel, endPanel);
                group += groups * (1 + Math.Max(0, more));
            }
        }
    }

    /// <summary>The groups below <paramref name="end"/> that have all their rows.</summary>
    private static int WholeGroups(in QuantizedProduct product, int end) => Math.Min(end, product.Weight.Rows / R16Matrix.GroupRows);

    private void Multiply(in QuantizedProduct product, int group, int groups, int more, int panel, int endPanel)
    {
        R16Matrix weight = product.Weight;
        ActivationPanels input = product.Input;
        int firstRow = group * R16Matrix.GroupRows;
        int rows = Math.Min(groups * (1 + more) * R16Matrix.GroupRows, weight.Rows - firstRow);
        bool whole = rows == groups * (1 + more) * R16Matrix.GroupRows && input.Parts == 1;
        float* edge = stackalloc float[whole ? 1 : groups * R16Matrix.GroupRows * input.Width(0)];
        R16Tile tile = new()
        {
            Weights = weight.Group(group),
            GroupStride = weight.GroupBytes,
            NumbersOffset = weight.NumbersOffset,
            Blocks = weight.Blocks,
            TokenStride = (whole ? weight.Rows : groups * R16Matrix.GroupRows) * sizeof(float),
            GroupOutputStride = R16Matrix.GroupRows * sizeof(float),
            Format = weight.Format,
            Groups = (byte)groups,
        };
        for (; panel < endPanel; panel++)
        {
            float* output = (float*)product.Output + (long)input.First(panel) * weight.Rows + firstRow;
            tile.Activations = input.Panel(panel);
            tile.Tokens = (byte)input.Width(panel);
            tile.Output = whole ? output : edge;
            tile.Prefetch = panel < PrefetchingPanels ? (byte)1 : (byte)0;
            tile.More = more;
            _kernels.Run(&tile);
            if (!whole || product.Bias != 0)
            {
                tile.Output = whole ? output : edge; // it moves while there are more
                Finish(tile, input.Parts, output, weight.Rows, rows, product.Bias == 0 ? null : (float*)product.Bias + firstRow);
            }
        }
    }

    /// <summary>Adds up the parts of each token, then the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Finish(in R16Tile tile, int parts, float* output, int stride, int rows, float* bias)
    {
        for (int column = 0; column < tile.Tokens; column += parts, output += stride)
        {
            float* sums = (float*)((byte*)tile.Output + column * tile.TokenStride);
            float* second = (float*)((byte*)sums + tile.TokenStride);
            int row = 0;
            for (; row <= rows - Vector128<float>.Count; row += Vector128<float>.Count)
            {
                Vector128<float> sum = Vector128.Load(sums + row);
                sum = parts == 2 ? sum + Vector128.Load(second + row) : sum;
                (bias is null ? sum : sum + Vector128.Load(bias + row)).Store(output + row);
            }

            for (; row < rows; row++)
            {
                float sum = parts == 2 ? sums[row] + second[row] : sums[row];
                output[row] = bias is null ? sum : sum + bias[row];
            }
        }
    }
}
