using System.Security.Cryptography;
using System.Text;
using Parley.Corpus.Generators;

namespace Parley.Corpus.Pipelines;

/// <summary>Keeps documents whose licence is one of those allowed (<see cref="Licences.Permissive"/> unless given).</summary>
public sealed class LicenceFilter(IReadOnlySet<string>? allowed = null) : IDocumentFilter
{
    public string Name => "keep allowed licences";

    public bool Keeps(Document document) => (allowed ?? Licences.Permissive).Contains(document.Licence);
}

/// <summary>Keeps documents of a length in characters, both bounds included.</summary>
public sealed class LengthFilter(int shortest, int longest = int.MaxValue) : IDocumentFilter
{
    public string Name => longest == int.MaxValue ? $"keep from {shortest} characters" : $"keep {shortest} to {longest} characters";

    public bool Keeps(Document document) => document.Text.Length >= shortest && document.Text.Length <= longest;
}

/// <summary>Keeps the first of documents that are equal but for letter case and white space.</summary>
public sealed class DuplicateFilter : IDocumentFilter
{
    private readonly HashSet<UInt128> _seen = [];

    public string Name => "keep the first of equal texts";

    public bool Keeps(Document document)
    {
        var plain = string.Join(' ', document.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(plain));
        return _seen.Add(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash));
    }
}

/// <summary>Keeps what a predicate says, under a name for the report.</summary>
public sealed class PredicateFilter(string name, Func<Document, bool> keeps) : IDocumentFilter
{
    public string Name => name;

    public bool Keeps(Document document) => keeps(document);
}

/// <summary>
/// Cuts a share of documents off for evaluation, by the hash of the id: the same documents whatever else is in the corpus.
/// </summary>
public sealed class HoldOutFilter(double share, bool keepHeldOut) : IDocumentFilter
{
    public string Name => keepHeldOut ? "keep the held-out part" : "keep the training part";

    public bool Keeps(Document document) => IsHeldOut(document.Id, share) == keepHeldOut;

    /// <summary>True for about <paramref name="share"/> of all ids.</summary>
    public static bool IsHeldOut(string id, double share) => StableHash.Share("hold-out/" + id) < share;
}
