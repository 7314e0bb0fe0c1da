using Parley.Tensors;

namespace Parley.Training.Batches;

/// <summary>
/// Rows cut from one long row of ids: windows of context + 1, whatever documents they hold. An end-of-text id opens a span of its own, in which it stands
/// for "a document begins". Each epoch cuts at another offset, so that the borders are not always the same.
/// </summary>
public sealed class WindowRows : IRowSource
{
    private const ulong OffsetStream = 1UL << 62;

    private readonly TokenStream _stream;
    private readonly DataLoaderOptions _options;

    /// <exception cref="InvalidDataException">There is less data than one window.</exception>
    public WindowRows(TokenStream stream, DataLoaderOptions options)
    {
        (_stream, _options) = (stream, options);

        // One window's length is kept free so that any epoch's offset fits.
        Rows = (stream.Count - 1 - options.Context) / options.Context;
        if (Rows < 1)
        {
            throw new InvalidDataException(
                $"The data has {stream.Count} tokens, too few for a context of {options.Context}; give more data or a context of at most {stream.Count / 3}.");
        }
    }

    public long Rows { get; }

    public void Append(long draw, BatchRows batch)
    {
        var window = new int[_options.Context + 1];
        _stream.Read(Position(draw), window);
        batch.AddIds(window);
        batch.AddSpans(window.AsSpan(0, _options.Context), _options.EndOfText);
    }

    public long Position(long draw)
    {
        var epoch = (ulong)(draw / Rows);
        var offset = Philox.Next(_options.Seed, OffsetStream, epoch).Item1 % (uint)_options.Context;
        return (new Permutation(Rows, _options.Seed, epoch)[draw % Rows] * _options.Context) + offset;
    }

    public string Describe(long draw) => _stream.Describe(Position(draw), _options.Context);
}
