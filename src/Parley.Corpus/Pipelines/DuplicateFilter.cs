using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Corpus.Pipelines;

/// <summary>Keeps the first of documents that are equal but for letter case and white space.</summary>
public sealed class DuplicateFilter : IDocumentFilter
{
    private readonly HashSet<UInt128> _seen = [];

    public string Name => "keep the first of equal texts";

    public bool Keeps(Document document)
    {
        var plain = string.Join(' ', document.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(plain));
        return _seen.Add(BinaryPrimitives.ReadUInt128LittleEndian(hash));
    }
}
