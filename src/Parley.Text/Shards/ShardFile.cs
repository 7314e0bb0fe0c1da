namespace Parley.Text.Shards;

/// <summary>One file of a shard set.</summary>
/// <param name="Name">The file's name in the folder of the set.</param>
/// <param name="Count">Ids, or for the list of documents lines.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record ShardFile(string Name, long Count, string Sha256);
