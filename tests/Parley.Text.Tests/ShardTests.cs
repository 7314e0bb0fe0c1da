using FsCheck;
using FsCheck.Fluent;
using Parley.Testing;
using Parley.Text.Shards;

namespace Parley.Text.Tests;

public sealed class ShardTests
{
    private static readonly BpeTokenizer Tokenizer = SampleTokenizer.Instance;

    [Fact]
    public void Every_range_reads_back_across_files()
    {
        using var folder = new TemporaryFolder();
        var (path, ids) = Write(folder, tokensPerShard: 10);
        using var reader = ShardReader.Open(path, Tokenizer);
        Assert.True(reader.Manifest.Shards.Count > 3);
        Prop.ForAll(Gen.Choose(0, ids.Length).Two().ToArbitrary(), range =>
        {
            var (first, last) = (Math.Min(range.Item1, range.Item2), Math.Max(range.Item1, range.Item2));
            var read = new int[last - first];
            reader.Read(first, read);
            return read.AsSpan().SequenceEqual(ids.AsSpan(first, read.Length));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_manifest_accounts_for_every_token()
    {
        using var folder = new TemporaryFolder();
        var (path, ids) = Write(folder, tokensPerShard: 10);
        using var reader = ShardReader.Open(path);
        reader.Verify();
        var documents = reader.Documents().ToArray();
        Assert.Equal(ids.Length, reader.TokenCount);
        Assert.Equal(ids.Length, documents.Sum(document => document.Count));
        Assert.Equal(ids.Length, reader.Manifest.TokensByLicence.Values.Sum());
        Assert.Equal(Tokenizer.Hash, reader.Manifest.TokenizerHash);
        Assert.Equal(["doc/0", "doc/1"], documents.Take(2).Select(document => document.Id));
        Assert.Equal("MIT", documents[1].Licence);
        Assert.Equal(documents[0].Count, documents[1].First);
    }

    [Fact]
    public void Ids_that_do_not_fit_two_bytes_take_four()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new ShardWriter(folder.File("wide"), new WideTokenizer()))
        {
            writer.Append("a", "MIT", [69_999, 3], 1);
            Assert.Equal(4, writer.Complete().BytesPerToken);
        }

        using var reader = ShardReader.Open(folder.File("wide"));
        var ids = new int[2];
        reader.Read(0, ids);
        Assert.Equal([69_999, 3], ids);
    }

    [Fact]
    public void An_unfinished_set_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new ShardWriter(folder.File("set"), Tokenizer))
            writer.Append("a", "MIT", "the cat");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Contains("not a finished shard set", Assert.Throws<InvalidDataException>(() => ShardReader.Open(folder.File("set"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_found_and_named()
    {
        using var folder = new TemporaryFolder();
        var (path, _) = Write(folder, tokensPerShard: 1000);
        var shard = Path.Combine(path, "shard-00000.bin");
        var bytes = File.ReadAllBytes(shard);
        bytes[0] ^= 1;
        File.WriteAllBytes(shard, bytes);
        using (var reader = ShardReader.Open(path))
            Assert.Contains(shard, Assert.Throws<InvalidDataException>(reader.Verify).Message, StringComparison.Ordinal);

        File.WriteAllBytes(shard, bytes[..^2]);
        Assert.Contains(shard, Assert.Throws<InvalidDataException>(() => ShardReader.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_tokenizer_is_refused()
    {
        using var folder = new TemporaryFolder();
        var (path, _) = Write(folder, tokensPerShard: 1000);
        var other = new BpeTrainer().Train(["other words"], new() { VocabularySize = 260 });
        Assert.Contains("tokenise the corpus again", Assert.Throws<InvalidDataException>(() => ShardReader.Open(path, other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_folder_is_never_written_over()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("exists already", Assert.Throws<IOException>(() => new ShardWriter(folder.Path, Tokenizer)).Message, StringComparison.Ordinal);
    }

    private static (string Path, int[] Ids) Write(TemporaryFolder folder, int tokensPerShard)
    {
        var path = folder.File("set");
        var ids = new List<int>();
        using var writer = new ShardWriter(path, Tokenizer, tokensPerShard);
        for (var document = 0; document < 12; document++)
        {
            var text = SampleTokenizer.Prose[..(7 * document)];
            writer.Append($"doc/{document}", document % 2 == 0 ? "CC0-1.0" : "MIT", text);
            ids.AddRange([.. Tokenizer.Encode(text), Tokenizer.Special.EndOfText]);
        }

        writer.Complete();
        return (path, [.. ids]);
    }

    private sealed class WideTokenizer : Tokenizer
    {
        public override int VocabularySize => 70_000;

        public override SpecialTokens Special => Tokenizer.Special;

        public override string Hash => "wide";

        public override int[] Encode(string text) => [];

        public override int[] Encode(ReadOnlySpan<byte> utf8) => [];

        public override ReadOnlySpan<byte> TokenBytes(int id) => [];
    }
}
