using System.Runtime.InteropServices;
using Parley.Tensors.Kernels;

namespace Parley.Tensors.Tests;

/// <summary>Assembled tiles against the definition, on numbers that no repacking would give: every bit pattern, subnormal scales, wrapped sums.</summary>
public sealed unsafe class R16TileTests
{
    private const int Rows = 4 * R16Matrix.GroupRows;
    private const int Depth = 5 * R16Matrix.BlockLength;

    public static TheoryData<int, int, int> Tiles
    {
        get
        {
            var data = new TheoryData<int, int, int>();
            foreach (R16Format format in Enum.GetValues<R16Format>())
            {
                foreach ((int groups, int tokens) in new[] { (1, 1), (1, 2), (1, 6), (2, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 6), (3, 3), (4, 2) })
                {
                    data.Add((int)format, groups, tokens);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tiles))]
    public void An_assembled_tile_gives_the_definitions_bits(int format, int groups, int tokens)
    {
        AssembledRequirement.Check();
        using ExecutablePages code = KernelAssembler.Assemble(new R16TileEmitter((R16Format)format, groups, tokens).Emit);
        R16Matrix matrix = new(0, (R16Format)format, Rows, Depth);
        byte[] weights = Weights(matrix), activations = Activations(matrix, tokens);
        float[] expected = new float[Rows * tokens], actual = new float[Rows * tokens];
        fixed (byte* from = weights, panel = activations)
        fixed (float* first = expected, second = actual)
        {
            R16Tile tile = new()
            {
                Weights = from,
                GroupStride = matrix.GroupBytes,
                NumbersOffset = matrix.NumbersOffset,
                Activations = panel,
                Blocks = matrix.Blocks,
                Output = first,
                TokenStride = Rows * sizeof(float),
                GroupOutputStride = R16Matrix.GroupRows * sizeof(float),
                Format = matrix.Format,
                Groups = (byte)groups,
                Tokens = (byte)tokens,
            };
            ReferenceTile.Run(&tile);
            tile.Output = second;
            tile.Prefetch = (byte)(groups % 2);
            ((delegate* unmanaged<R16Tile*, void>)code.Address)(&tile);
        }

        Numbers.SameBits(expected, actual);
    }

    private static byte[] Weights(R16Matrix matrix)
    {
        byte[] bytes = new byte[matrix.ByteCount];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(Philox.Uniform(7, 1, (ulong)i) * 256);
        }

        for (int group = 0; group < matrix.Groups; group++)
        {
            Span<Half> scales = MemoryMarshal.Cast<byte, Half>(bytes.AsSpan((int)(group * matrix.GroupBytes), matrix.Blocks * matrix.HeaderBytes));
            for (int i = 0; i < scales.Length; i++)
            {
                float value = Philox.Normal(7, 2, (ulong)(group * scales.Length + i));
                scales[i] = (Half)(value * (i % 5 == 0 ? 1e-6f : 0.02f));
            }
        }

        return bytes;
    }

    private static byte[] Activations(R16Matrix matrix, int tokens)
    {
        ActivationPanels panels = new(0, matrix.Format, tokens, Depth, 1);
        byte[] bytes = new byte[panels.ByteCount];
        Span<int> words = MemoryMarshal.Cast<byte, int>(bytes.AsSpan());
        for (int i = 0; i < words.Length; i++)
        {
            int word = i / tokens % panels.Words;
            float real = Philox.Normal(7, 3, (ulong)i);
            int whole = (int)(Philox.Uniform(7, 4, (ulong)i) * uint.MaxValue - 0x80000000);
            words[i] = word == 0 || (word == 1 && matrix.Format.HasAdd) ? BitConverter.SingleToInt32Bits(real) : word < matrix.Format.Terms ? whole >> 12 : whole;
        }

        return bytes;
    }
}
