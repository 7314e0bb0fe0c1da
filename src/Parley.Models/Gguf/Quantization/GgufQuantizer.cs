using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Writes a GGUF model again with other storage types. Metadata, tokenizer and template pass through; tensors that keep
/// their type are copied byte by byte, also those of types we cannot compute with. Pieces of a tensor are converted side by
/// side and written in order, so threads do not show in the file.
/// </summary>
public sealed class GgufQuantizer(GgufReader model, QuantizationType type)
{
    private const int PieceElements = 1 << 18;
    private const string SplitPrefix = "split.";

    private readonly QuantizationMix _mix = new(type, model);

    /// <summary>Threads that convert.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Converts also what is already quantised, which loses twice.</summary>
    public bool Requantize { get; init; }

    /// <summary>Told after every piece how many elements are done of how many.</summary>
    public Action<long, long>? Progress { get; init; }

    /// <summary>Writes the file, which appears whole or not at all.</summary>
    /// <exception cref="ModelFormatException">A tensor's type cannot be read, or is quantised already and <see cref="Requantize"/> is off.</exception>
    /// <exception cref="IOException">The disk is full or the place cannot be written.</exception>
    public void Write(string path, CancellationToken cancellationToken = default)
    {
        var done = 0L;
        var total = model.Tensors.Values.Sum(tensor => tensor.Shape.Count);
        var sources = model.Tensors.Values.Select(tensor => Source(tensor, Count, cancellationToken)).ToList();
        DurableFiles.Replace(path, stream => GgufWriter.Write(stream, Metadata(), sources));

        void Count(long elements)
        {
            done += elements;
            Progress?.Invoke(done, total);
        }
    }

    private GgufMetadata Metadata()
    {
        var metadata = new GgufMetadata(model.Path);
        foreach (var (key, value) in model.Metadata.Where(pair => !pair.Key.StartsWith(SplitPrefix, StringComparison.Ordinal)))
        {
            metadata[key] = value;
        }

        metadata["general.file_type"] = type.FileType;
        metadata["general.quantization_version"] = 2u;
        return metadata;
    }

    private GgufTensorSource Source(GgufTensorInfo tensor, Action<long> count, CancellationToken cancellationToken)
    {
        var target = _mix.TypeOf(tensor);
        if (target == tensor.Type)
        {
            return new GgufTensorSource(tensor.Name, tensor.Shape, target, stream => Copy(stream, tensor, count, cancellationToken));
        }

        if (tensor.Type.ToDType() is not { } stored)
        {
            throw model.Metadata.Error(tensor.Name, $"is stored as {tensor.Type}, which cannot be converted. Start from an F32, F16 or BF16 file.");
        }

        var wanted = target.ToDType()!.Value;
        return !DTypes.IsQuantized(stored) || !DTypes.IsQuantized(wanted) || Requantize
            ? new GgufTensorSource(tensor.Name, tensor.Shape, target, stream => Convert(stream, tensor, (stored, wanted), count, cancellationToken))
            : throw model.Metadata.Error(
                tensor.Name, $"is already {tensor.Type}, and quantising twice loses more. Start from an F32, F16 or BF16 file, or allow it with --requantize.");
    }

    private void Copy(Stream stream, GgufTensorInfo tensor, Action<long> count, CancellationToken cancellationToken)
    {
        const int piece = 1 << 22;
        for (var offset = 0L; offset < tensor.ByteCount; offset += piece)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stream.Write(model.Bytes(tensor.Name, offset, (int)Math.Min(piece, tensor.ByteCount - offset)));
        }

        count(tensor.Shape.Count);
    }

    private void Convert(Stream stream, GgufTensorInfo tensor, (DType Stored, DType Wanted) types, Action<long> count, CancellationToken cancellationToken)
    {
        var pieces = (tensor.Shape.Count + PieceElements - 1) / PieceElements;
        var batches = new PieceBuffer[(int)Math.Min(pieces, Math.Max(1, Threads) * 2)];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Threads), CancellationToken = cancellationToken };
        for (var first = 0L; first < pieces; first += batches.Length)
        {
            var batch = (int)Math.Min(batches.Length, pieces - first);
            Parallel.For(0, batch, options, i =>
            {
                var start = (first + i) * PieceElements;
                batches[i] ??= new PieceBuffer(types.Wanted);
                Convert(tensor, types, start, (int)Math.Min(PieceElements, tensor.Shape.Count - start), batches[i]);
            });
            foreach (var buffer in batches.AsSpan(0, batch))
            {
                stream.Write(buffer.Stored.AsSpan(0, buffer.Length));
            }

            count(Math.Min(tensor.Shape.Count, (first + batch) * PieceElements) - (first * PieceElements));
        }
    }

    // Rows are whole blocks of either type, so pieces may cut across rows as long as they are whole blocks too.
    private void Convert(GgufTensorInfo tensor, (DType Stored, DType Wanted) types, long start, int count, PieceBuffer buffer)
    {
        var source = model.Bytes(tensor.Name, DTypes.ByteCount(types.Stored, start), (int)DTypes.ByteCount(types.Stored, count));
        var values = buffer.Values.AsSpan(0, count);
        DTypes.Decode(types.Stored, source, values);
        buffer.Length = (int)DTypes.ByteCount(types.Wanted, count);
        DTypes.Encode(types.Wanted, values, buffer.Stored.AsSpan(0, buffer.Length));
    }

    private sealed class PieceBuffer(DType type)
    {
        public float[] Values { get; } = new float[PieceElements];

        public byte[] Stored { get; } = new byte[DTypes.ByteCount(type, PieceElements)];

        public int Length { get; set; }
    }
}
