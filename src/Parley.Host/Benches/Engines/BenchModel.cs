using System.Buffers.Binary;
using Parley.Models;
using Parley.Tensors;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// Random-weight GGUF files of real shapes, written once into the cache folder. The stored blocks are random themselves (scales fixed so that
/// weights have a standard deviation near 0.02): speed does not depend on values, and no model need be downloaded.
/// </summary>
internal static class BenchModel
{
    public static IReadOnlyList<string> Types { get; } = ["q8_0", "q4_0", "q4_k_m", "bf16"];

    /// <returns>The file.</returns>
    public static string Write(BenchShape shape, string type)
    {
        var path = Path.Combine(BenchCache.Folder, $"{shape.Name}.{type}.1.gguf");
        if (!File.Exists(path))
        {
            Console.Error.WriteLine($"Writing {path} ...");
            var mix = Mix(shape, type);
            var tensors = shape.Matrices()
                .Select((matrix, index) => Matrix(matrix, TypeOf(mix, matrix), seed: index))
                .Concat(shape.Norms().Select(norm => Norm(norm.Name, norm.Length)))
                .ToList();
            GgufWriter.Write(path, Metadata(shape, type), tensors);
        }

        return path;
    }

    /// <summary>Bytes of weights that one decode step reads.</summary>
    public static long StepBytes(BenchShape shape, string type)
    {
        var mix = Mix(shape, type);
        return shape.Matrices().Sum(matrix => DTypes.ByteCount(TypeOf(mix, matrix), (long)matrix.Outputs * matrix.Inputs));
    }

    private static GgufMetadata Metadata(BenchShape shape, string type) => shape.Metadata(QuantizationType.Parse(type).FileType);

    private static QuantizationMix Mix(BenchShape shape, string type) => new(QuantizationType.Parse(type), Metadata(shape, type), hasOutput: false);

    private static DType TypeOf(QuantizationMix mix, BenchMatrix matrix) => mix.TypeOf(matrix.Name, new Shape(matrix.Outputs, matrix.Inputs)).ToDType()!.Value;

    private static GgufTensorSource Matrix(BenchMatrix matrix, DType type, int seed) =>
        new(matrix.Name, new Shape(matrix.Outputs, matrix.Inputs), type, stream =>
        {
            var random = new Random(seed);
            var row = new byte[DTypes.ByteCount(type, matrix.Inputs)];
            for (var output = 0; output < matrix.Outputs; output++)
            {
                Fill(random, row, type);
                stream.Write(row);
            }
        });

    private static void Fill(Random random, Span<byte> row, DType type)
    {
        random.NextBytes(row);
        switch (type)
        {
            case DType.Q8_0: SetHalves(row, 34, (0, 2.7e-4)); break;
            case DType.Q4_0: SetHalves(row, 18, (0, 4.3e-3)); break;
            case DType.Q5_0: SetHalves(row, 22, (0, 2.2e-3)); break;
            case DType.Q4_K: SetHalves(row, 144, (0, 1.4e-4), (2, 1e-3)); break;
            case DType.Q6_K: SetHalves(row, 210, (208, 1.5e-5)); break;
            default: SetBrainFloats(row); break;
        }
    }

    private static void SetHalves(Span<byte> row, int blockBytes, params ReadOnlySpan<(int Offset, double Value)> halves)
    {
        for (var block = 0; block < row.Length; block += blockBytes)
        {
            foreach (var (offset, value) in halves)
            {
                BinaryPrimitives.WriteHalfLittleEndian(row[(block + offset)..], (Half)value);
            }
        }
    }

    // Sign and mantissa stay random; the exponent is that of 2^-6.
    private static void SetBrainFloats(Span<byte> row)
    {
        for (var i = 0; i + 1 < row.Length; i += 2)
        {
            var bits = BinaryPrimitives.ReadUInt16LittleEndian(row[i..]);
            BinaryPrimitives.WriteUInt16LittleEndian(row[i..], (ushort)((bits & 0x807F) | (121 << 7)));
        }
    }

    private static GgufTensorSource Norm(string name, int length) => new(name, new Shape(length), DType.F32, stream =>
    {
        Span<byte> one = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(one, 1);
        for (var i = 0; i < length; i++)
        {
            stream.Write(one);
        }
    });
}
