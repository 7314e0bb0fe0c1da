namespace Parley.Training.Batches;

/// <summary>
/// Rows packed from whole documents: each document is a span of its own, cut only where it is longer than the context, and each of its ids is predicted
/// once an epoch. The end-of-text id stands before a document's first id. Rows keep their documents in every epoch; their order changes.
/// </summary>
public sealed class PackedRows : IRowSource
{
    private const ulong PackingStream = 1UL << 61;

    private readonly TokenStream _stream;
    private readonly DataLoaderOptions _options;
    private readonly DocumentPiece[] _pieces; // row after row
    private readonly int[] _firstPiece;

    /// <exception cref="InvalidDataException">There is no document.</exception>
    public PackedRows(TokenStream stream, DataLoaderOptions options)
    {
        (_stream, _options) = (stream, options);
        var pieces = stream.Documents().SelectMany(document => Cut(document.First, document.Count, options.Context)).ToArray();
        if (pieces.Length == 0)
            throw new InvalidDataException($"The data has {stream.Count} tokens and no whole document to pack; give more data, or pack windows.");

        // Of equal length in an order that the seed decides, or long documents of one source would share rows.
        var order = new Permutation(pieces.Length, options.Seed, PackingStream);
        var rows = BestFit.Pack([.. pieces.Select(piece => piece.Count)], [.. Enumerable.Range(0, pieces.Length).Select(i => (int)order[i])], options.Context);
        _pieces = [.. rows.Items.Select(item => pieces[item])];
        _firstPiece = rows.Starts;
        Fill = pieces.Sum(piece => (double)piece.Count) / ((double)Rows * options.Context);
    }

    public long Rows => _firstPiece.Length - 1;

    /// <summary>The share of rows that is text, 0 to 1; what is not is left out, not padded.</summary>
    public double Fill { get; }

    public void Append(long draw, BatchRows batch)
    {
        foreach (var piece in Row(draw))
        {
            var ids = new int[piece.Count + 1];
            if (piece.IsFirst)
            {
                ids[0] = _options.EndOfText;
                _stream.Read(piece.Position, ids.AsSpan(1));
            }
            else
            {
                _stream.Read(piece.Position - 1, ids);
            }

            batch.AddIds(ids);
            batch.AddSpan(piece.Count);
        }
    }

    public long Position(long draw) => Row(draw)[0].Position;

    public string Describe(long draw) => string.Join(", ", Row(draw).ToArray().Select(piece => _stream.Describe(piece.Position, piece.Count)));

    private ReadOnlySpan<DocumentPiece> Row(long draw)
    {
        var row = (int)new Permutation(Rows, _options.Seed, (ulong)(draw / Rows))[draw % Rows];
        return _pieces.AsSpan(_firstPiece[row].._firstPiece[row + 1]);
    }

    private static IEnumerable<DocumentPiece> Cut(long first, int count, int context)
    {
        for (var done = 0; done < count; done += context)
            yield return new DocumentPiece(first + done, Math.Min(context, count - done), done == 0);
    }

    private readonly record struct DocumentPiece(long Position, int Count, bool IsFirst);
}
