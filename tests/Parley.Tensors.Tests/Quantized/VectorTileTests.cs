using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Parley.Tensors.Kernels;

namespace Parley.Tensors.Tests;

/// <summary>
/// Every tile kernel that this machine can run, also those that no set of it would choose, against the definition, on bytes that no
/// quantiser would write: numbers and activations at their ends, where sums of products could overflow 16 bits.
/// </summary>
public sealed unsafe class VectorTileTests
{
    private const int Blocks = 5;

    public static TheoryData<string> Kinds =>
    [
        .. new (string Name, bool Supported)[]
        {
            ("128", true), ("256", Avx2.IsSupported), ("256 VNNI", AvxVnni.IsSupported), ("512", Avx512BW.IsSupported), ("blocks", Avx512BW.IsSupported),
            ("assembled", KernelSets.InHardware(KernelSet.Assembled)),
        }.Where(kind => kind.Supported).Select(kind => kind.Name),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_tile_has_the_bits_of_the_definition_even_where_sums_are_largest(string kind)
    {
        R16Kernels kernels = Kernels(kind);
        foreach (R16Format format in Enum.GetValues<R16Format>())
        {
            for (int tokens = 1; kernels.Exists(format, 1, tokens); tokens++)
            {
                for (int groups = 1; groups <= R16Kernels.MostGroups && kernels.Exists(format, groups, tokens); groups++)
                {
                    foreach (Filling filling in Enum.GetValues<Filling>())
                    {
                        Compare(kernels, format, groups, tokens, filling);
                    }
                }
            }
        }
    }

    private static R16Kernels Kernels(string kind)
    {
        R16Kernels kernels = new();
        switch (kind)
        {
            case "128": VectorTiles<Quads128>.AddTo(kernels); break;
            case "256": VectorTiles<Quads256>.AddTo(kernels); break;
            case "256 VNNI": VectorTiles<Quads256Vnni>.AddTo(kernels); break;
            case "512": VectorTiles<Quads512>.AddTo(kernels); break;
            case "blocks": BlockTiles.AddTo(kernels); break;
            default: return R16Kernels.For(KernelSet.Assembled);
        }

        return kernels;
    }

    private static void Compare(R16Kernels kernels, R16Format format, int groups, int tokens, Filling filling)
    {
        const int Tiles = 3;
        int rows = Tiles * groups * R16Matrix.GroupRows;
        R16Matrix matrix = new(0, format, rows, Blocks * R16Matrix.BlockLength);
        ActivationPanels panels = new(0, format, tokens, matrix.Depth, 1);
        using Tensor weights = Tensor.Allocate(new Shape((int)matrix.ByteCount / 4)), input = Tensor.Allocate(new Shape((int)panels.ByteCount / 4));
        FillWeights(new Span<byte>(weights.Address, (int)matrix.ByteCount), matrix, filling);
        FillInput(new Span<int>(input.Address, (int)panels.ByteCount / 4), panels, filling);
        float[] expected = Output(rows, tokens), actual = Output(rows, tokens);
        fixed (float* first = expected, second = actual)
        {
            R16Tile tile = new()
            {
                Weights = weights.Address,
                GroupStride = matrix.GroupBytes,
                NumbersOffset = matrix.NumbersOffset,
                Activations = input.Address,
                Blocks = Blocks,
                Output = first,
                TokenStride = (rows + 3) * sizeof(float),
                GroupOutputStride = R16Matrix.GroupRows * sizeof(float),
                Format = format,
                Groups = (byte)(Tiles * groups),
                Tokens = (byte)tokens,
                Prefetch = (byte)(tokens % 2),
            };
            ReferenceTile.Run(&tile);
            tile.Output = second;
            tile.Groups = (byte)groups;
            tile.More = Tiles - 1;
            kernels.Run(&tile);
            Assert.Equal(0, tile.More);
        }

        Numbers.SameBits(expected, actual); // the three floats behind each token's row are still as they were
    }

    private static float[] Output(int rows, int tokens) =>
        [.. Enumerable.Range(0, tokens * (rows + 3)).Select(i => -i - 0.5f)];

    private static void FillWeights(Span<byte> bytes, R16Matrix matrix, Filling filling)
    {
        Random random = new((int)matrix.Format);
        random.NextBytes(bytes);
        for (int group = 0; group < matrix.Groups; group++)
        {
            Span<byte> numbers = bytes.Slice((int)(group * matrix.GroupBytes), (int)matrix.GroupBytes);
            Span<ushort> header = MemoryMarshal.Cast<byte, ushort>(numbers[..(Blocks * matrix.HeaderBytes)]);
            for (int i = 0; i < header.Length; i++)
            {
                // Every finite pattern, subnormal ones and both zeros too.
                header[i] = (header[i] & 0x7C00) == 0x7C00 ? (ushort)(header[i] & 0x83FF) : header[i];
            }

            if (filling != Filling.Random)
            {
                numbers[matrix.NumbersOffset..].Fill(filling == Filling.LeastByMost ? (byte)0 : (byte)255);
            }
        }
    }

    private static void FillInput(Span<int> words, ActivationPanels panels, Filling filling)
    {
        Random random = new(panels.Tokens);
        Span<sbyte> q = stackalloc sbyte[R16Matrix.BlockLength];
        for (int block = 0; block < Blocks; block++)
        {
            Span<int> target = words.Slice(block * panels.Words * panels.Tokens, panels.Words * panels.Tokens);
            for (int token = 0; token < panels.Tokens; token++)
            {
                for (int i = 0; i < q.Length; i++)
                {
                    q[i] = (sbyte)(filling == Filling.Random ? random.Next(-127, 128) : filling == Filling.MostByLeast ? -127 : 127);
                }

                Put(target, panels, token, q, (float)random.NextDouble());
            }
        }
    }

    private static void Put(Span<int> target, ActivationPanels panels, int token, ReadOnlySpan<sbyte> q, float scale)
    {
        (int low, int high) = (0, 0);
        for (int i = 0; i < q.Length; i++)
        {
            (low, high) = i < 16 ? (low + q[i], high) : (low, high + q[i]);
        }

        R16Format format = panels.Format;
        int term = format.HasAdd ? BitConverter.SingleToInt32Bits(scale * (low + high))
            : -format.Offset * (format == R16Format.Six ? low : low + high);
        int[] words = [BitConverter.SingleToInt32Bits(scale), term, .. format == R16Format.Six ? [-format.Offset * high] : Array.Empty<int>()];
        ReadOnlySpan<int> steps = MemoryMarshal.Cast<sbyte, int>(q);
        for (int word = 0; word < panels.Words; word++)
        {
            target[word * panels.Tokens + token] = word < words.Length ? words[word] : steps[word - words.Length];
        }
    }

    private enum Filling
    {
        Random,
        LeastByMost,
        MostByMost,
        MostByLeast,
    }
}
