using System.Numerics;
using System.Runtime.InteropServices;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>Looks for what is no number: a NaN or an infinity among plain weights, or as the scale or minimum of a block.</summary>
public static class NumberScan
{
    private const int PieceBlocks = 1 << 16;
    private const ushort HalfExponent = 0x7C00;

    /// <summary>Scans all tensors, several at once.</summary>
    /// <param name="container">Tensors of types that are unknown to us are passed over.</param>
    /// <param name="progress">Told how many bytes are done of how many.</param>
    /// <returns>The tensors that hold such values, with how many and the element of the first, in file order.</returns>
    public static IReadOnlyList<NumberFinding> Run(TensorContainer container, Action<long, long>? progress = null, CancellationToken cancellationToken = default)
    {
        var total = container.Tensors.Sum(tensor => tensor.ByteCount);
        var (done, gate) = (0L, new Lock());
        return
        [
            .. container.Tensors.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(tensor =>
            {
                var finding = Scan(container, tensor, cancellationToken);
                lock (gate)
                {
                    done += tensor.ByteCount;
                    progress?.Invoke(done, total);
                }

                return finding;
            }).OfType<NumberFinding>(),
        ];
    }

    private static NumberFinding? Scan(TensorContainer container, ContainedTensor tensor, CancellationToken cancellationToken)
    {
        if (tensor.DType is not { } type)
        {
            return null;
        }

        var (block, count, first) = (DTypes.BlockBytes(type), 0L, -1L);
        for (var offset = 0L; offset < tensor.ByteCount; offset += (long)PieceBlocks * block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = container.Bytes(tensor, offset, (int)Math.Min((long)PieceBlocks * block, tensor.ByteCount - offset));
            var (found, index) = Find(bytes, type);
            first = first < 0 && found > 0 ? (offset / block + index) * DTypes.BlockLength(type) : first;
            count += found;
        }

        return count == 0 ? null : new NumberFinding(tensor, count, first);
    }

    // Infinities and NaNs are the numbers whose exponent bits are all set.
    private static (int Count, int First) Find(ReadOnlySpan<byte> bytes, DType type) => type switch
    {
        DType.F32 => Find(MemoryMarshal.Cast<byte, uint>(bytes), 0x7F80_0000u),
        DType.BF16 => Find(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7F80),
        DType.F16 => Find(MemoryMarshal.Cast<byte, ushort>(bytes), HalfExponent),
        DType.Q6_K => FindInBlocks(bytes, type, [208]),
        DType.Q4_1 or DType.Q5_1 or DType.Q4_K or DType.Q5_K => FindInBlocks(bytes, type, [0, 2]),
        _ => FindInBlocks(bytes, type, [0]),
    };

    private static (int Count, int First) Find<T>(ReadOnlySpan<T> values, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var (count, first) = (0, -1);
        for (var i = 0; i < values.Length; i++)
        {
            if ((values[i] & exponent) == exponent)
            {
                first = count++ == 0 ? i : first;
            }
        }

        return (count, first);
    }

    private static (int Count, int First) FindInBlocks(ReadOnlySpan<byte> bytes, DType type, ReadOnlySpan<int> scales)
    {
        var (count, first, block) = (0, -1, DTypes.BlockBytes(type));
        for (var at = 0; at < bytes.Length; at += block)
        {
            foreach (var scale in scales)
            {
                if ((MemoryMarshal.Read<ushort>(bytes[(at + scale)..]) & HalfExponent) == HalfExponent)
                {
                    first = count++ == 0 ? at / block : first;
                    break;
                }
            }
        }

        return (count, first);
    }
}

/// <summary>Values of a tensor that are no numbers.</summary>
/// <param name="Count">How many weights, or blocks of a quantised tensor.</param>
/// <param name="FirstElement">The first of them, counted in elements from the tensor's start.</param>
public sealed record NumberFinding(ContainedTensor Tensor, long Count, long FirstElement);
