using System.Buffers.Binary;
using System.Text.Json;

namespace Parley.Text.Shards;

/// <summary>
/// Writes documents as token ids into a folder of shard files. Everything goes to a folder beside the target and is
/// renamed into place by <see cref="Complete"/> after fsync, manifest last: a shard set is there whole or not at all.
/// Not thread-safe.
/// </summary>
public sealed class ShardWriter : IDisposable
{
    private readonly string _target;
    private readonly string _folder;
    private readonly Tokenizer _tokenizer;
    private readonly int _tokensPerShard;
    private readonly int _bytesPerToken;
    private readonly List<ShardFile> _shards = [];
    private readonly SortedDictionary<string, long> _licences = new(StringComparer.Ordinal);
    private readonly HashedFile _documents;
    private HashedFile? _shard;
    private long _tokens, _documentCount, _textBytes, _tokensInShard;
    private bool _completed;

    /// <param name="folder">Where the set shall be; it must not exist yet.</param>
    /// <param name="tokenizer">What makes the ids; its hash goes into the manifest.</param>
    /// <param name="tokensPerShard">A document that starts before this many ids stays whole in its shard file.</param>
    /// <exception cref="IOException">The folder exists already.</exception>
    public ShardWriter(string folder, Tokenizer tokenizer, int tokensPerShard = 64 << 20)
    {
        (_target, _tokenizer, _tokensPerShard) = (Path.GetFullPath(folder), tokenizer, tokensPerShard);
        RequireNew(_target);
        _bytesPerToken = tokenizer.VocabularySize <= ushort.MaxValue + 1 ? 2 : 4;
        _folder = $"{_target}.partial-{Guid.NewGuid():N}";
        Directory.CreateDirectory(_folder);
        _documents = new HashedFile(Path.Combine(_folder, "documents.jsonl"));
    }

    public long TokenCount => _tokens;

    /// <summary>Refuses to write where something lies already; for whoever writes other files first.</summary>
    /// <exception cref="IOException">The folder exists already.</exception>
    public static void RequireNew(string folder)
    {
        if (Path.Exists(folder))
            throw new IOException($"{folder} exists already; remove it or name another folder for the shards.");
    }

    /// <summary>Encodes a text as one document and closes it with the end-of-text id.</summary>
    public void Append(string documentId, string licence, string text)
    {
        int[] ids = [.. _tokenizer.Encode(text), _tokenizer.Special.EndOfText];
        Append(documentId, licence, ids, System.Text.Encoding.UTF8.GetByteCount(text));
    }

    /// <summary>Adds a document that is ids already. <paramref name="textBytes"/> is the size of its text in UTF-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the tokenizer's vocabulary.</exception>
    public void Append(string documentId, string licence, ReadOnlySpan<int> ids, long textBytes)
    {
        CheckIds(ids);
        if (_shard is null || _tokensInShard >= _tokensPerShard)
            StartShard();
        WriteIds(_shard!, ids);

        var document = new ShardDocument(documentId, licence, _tokens, ids.Length);
        _documents.Write(JsonSerializer.SerializeToUtf8Bytes(document, ShardDocumentJson.Default.ShardDocument));
        _documents.Write("\n"u8);
        _tokens += ids.Length;
        _tokensInShard += ids.Length;
        _textBytes += textBytes;
        _documentCount++;
        _licences[licence] = _licences.GetValueOrDefault(licence) + ids.Length;
    }

    /// <summary>Makes the set durable and puts it in place; nothing can be added after.</summary>
    public ShardManifest Complete()
    {
        CloseShard();
        var manifest = new ShardManifest
        {
            TokenizerHash = _tokenizer.Hash,
            BytesPerToken = _bytesPerToken,
            TokenCount = _tokens,
            DocumentCount = _documentCount,
            TextBytes = _textBytes,
            TokensByLicence = _licences,
            Shards = _shards,
            Documents = new ShardFile("documents.jsonl", _documentCount, _documents.Close()),
        };
        var file = new HashedFile(Path.Combine(_folder, ShardManifest.FileName));
        file.Write(manifest.ToJson());
        file.Close();
        Directory.Move(_folder, _target);
        _completed = true;
        return manifest;
    }

    /// <summary>Without <see cref="Complete"/> nothing is left behind.</summary>
    public void Dispose()
    {
        _shard?.Dispose();
        _documents.Dispose();
        if (!_completed && Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private void CheckIds(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)_tokenizer.VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"The vocabulary has ids 0 to {_tokenizer.VocabularySize - 1}.");
        }
    }

    private void StartShard()
    {
        CloseShard();
        _shard = new HashedFile(Path.Combine(_folder, $"shard-{_shards.Count:D5}.bin"));
        _tokensInShard = 0;
    }

    private void CloseShard()
    {
        if (_shard is null)
            return;
        _shards.Add(new ShardFile(_shard.Name, _tokensInShard, _shard.Close()));
        _shard = null;
    }

    private void WriteIds(HashedFile file, ReadOnlySpan<int> ids)
    {
        var bytes = new byte[ids.Length * _bytesPerToken];
        for (var i = 0; i < ids.Length; i++)
        {
            if (_bytesPerToken == 2)
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 2), (ushort)ids[i]);
            else
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 4), ids[i]);
        }

        file.Write(bytes);
    }
}
