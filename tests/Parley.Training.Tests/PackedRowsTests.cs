using FsCheck;
using FsCheck.Fluent;
using Parley.Text.Shards;
using Parley.Training.Batches;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>Packing loses nothing, cuts no document that fits, and lets no document see another.</summary>
public sealed class PackedRowsTests : IDisposable
{
    private const int Context = 32;

    private readonly TinyCorpus _corpus = new();
    private readonly TokenStream _stream;

    public PackedRowsTests()
    {
        var folder = _corpus.Place("uneven");
        using (var writer = new ShardWriter(folder, _corpus.Tokenizer))
        {
            var text = string.Join(' ', TinyCorpus.Documents());
            for (var document = 0; document < 60; document++) writer.Append($"{document}", "MIT", text.Substring(7 * document, document * document % 190));
            writer.Complete();
        }

        _stream = TokenStream.Open([folder], _corpus.Tokenizer);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _corpus.Dispose();
    }

    [Fact]
    public void Items_are_packed_once_and_rows_never_overflow()
    {
        var capacities = Gen.Choose(1, 200);
        var cases = capacities.SelectMany(capacity => Gen.Choose(1, capacity).ListOf().Select(lengths => (Capacity: capacity, Lengths: lengths.ToArray())));
        Prop.ForAll(cases.ToArbitrary(), packing =>
        {
            var lengths = packing.Lengths;
            var (items, starts) = BestFit.Pack(lengths, [.. Enumerable.Range(0, lengths.Length).Reverse()], packing.Capacity);
            var rooms = starts.Zip(starts.Skip(1), (first, end) => packing.Capacity - items[first..end].Sum(item => lengths[item])).ToArray();
            var needed = (lengths.Sum() + packing.Capacity - 1) / packing.Capacity;
            return items.Order().SequenceEqual(Enumerable.Range(0, lengths.Length)) && rooms.All(room => room >= 0 && room < packing.Capacity)
                && rooms.Length <= (2 * needed) + 1; // no two rows could be one
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_id_is_predicted_once_an_epoch_from_its_own_document()
    {
        var loader = Loader();
        var documents = _stream.Documents().Select(document => Read(document.First, document.Count)).ToArray();
        var expected = documents.SelectMany(Pieces).Select(piece => string.Join(' ', piece)).Order(StringComparer.Ordinal);
        var rows = (PackedRows)loader.Sources[0];
        var seen = new List<string>();
        for (var draw = 0L; draw < rows.Rows; draw++)
        {
            var row = new BatchRows(Context);
            rows.Append(draw, row);
            Assert.InRange(row.Count, 1, Context);
            var batch = row.Build();
            Assert.Equal(row.Count, batch.Attention.Rows);
            seen.AddRange(batch.Attention.Spans.Select(span => string.Join(' ', batch.Tokens.AsSpan(span.FirstRow, span.Count).ToArray().Append(batch.Targets[span.FirstRow + span.Count - 1]))));
        }

        Assert.Equal(expected, seen.Order(StringComparer.Ordinal));
        Assert.InRange(rows.Fill, 0.9, 1);
    }

    [Fact]
    public void Targets_are_the_next_ids_within_a_span()
    {
        var batch = Loader().Read(1, 1);
        Assert.Equal(batch.Tokens.Length, batch.Scored);
        Assert.All(batch.Attention.Spans, span => Assert.Equal(batch.Tokens[(span.FirstRow + 1)..(span.FirstRow + span.Count)], batch.Targets[span.FirstRow..(span.FirstRow + span.Count - 1)]));
    }

    [Fact]
    public void A_part_of_a_stream_packs_the_documents_that_lie_in_it()
    {
        var whole = _stream.Documents().ToArray();
        var part = _stream.Slice(whole[10].First - 1, whole[20].First - whole[10].First + 2);
        Assert.Equal(whole[10..20].Select(document => (document.First - whole[10].First + 1, document.Count)), part.Documents());
    }

    // As it is defined: cut at the context's length, what stands before a piece in front of it, an end-of-text before the first.
    private IEnumerable<int[]> Pieces(int[] ids)
    {
        int[] with = [_corpus.Tokenizer.Special.EndOfText, .. ids];
        for (var at = 0; at < ids.Length; at += Context) yield return with[at..Math.Min(with.Length, at + Context + 1)];
    }

    private int[] Read(long first, int count)
    {
        var ids = new int[count];
        _stream.Read(first, ids);
        return ids;
    }

    private DataLoader Loader() => new(_stream, new DataLoaderOptions(Context, Sequences: 8, Shards: 4, _corpus.Tokenizer.Special.EndOfText, Seed: 3) { PacksDocuments = true });
}
