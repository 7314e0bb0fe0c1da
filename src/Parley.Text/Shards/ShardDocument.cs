namespace Parley.Text.Shards;

/// <summary>One document inside a shard set: where it came from, its licence, and which ids are its own.</summary>
/// <param name="Id">The document's id, unique in its corpus.</param>
/// <param name="Licence">The licence its text is used under.</param>
/// <param name="First">Index of its first id, counted over the whole set.</param>
/// <param name="Count">How many ids it has, the closing end-of-text id included.</param>
public sealed record ShardDocument(string Id, string Licence, long First, int Count);
