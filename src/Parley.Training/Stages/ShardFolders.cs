using Parley.Text.Shards;

namespace Parley.Training.Stages;

/// <summary>
/// Finds shard sets: a folder is one itself, or it holds train/ and, if text was held out, validation/, with the tokenizer.json that made
/// them. It looks at names only.
/// </summary>
public static class ShardFolders
{
    public const string Train = "train";
    public const string Validation = "validation";
    public const string TokenizerFile = "tokenizer.json";

    /// <summary>The training set of a folder given by a person.</summary>
    /// <exception cref="InvalidDataException">The folder is not there or holds no shards; says how to make some.</exception>
    public static string Training(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder} does not exist; name a text file or a folder of shards that is there.");
        if (IsSet(folder)) return Path.GetFullPath(folder);
        var train = Path.Combine(folder, Train);
        return IsSet(train)
            ? Path.GetFullPath(train)
            : throw new InvalidDataException(
                $"{folder} holds no shards; make some with: parley corpus shard --data TEXT --tokenizer tokenizer.json --out {folder}");
    }

    /// <summary>The held-out set that belongs to a folder, if there is one.</summary>
    public static string? HeldOut(string folder)
    {
        var held = Path.Combine(folder, Validation);
        return IsSet(held) ? Path.GetFullPath(held) : null;
    }

    /// <summary>The tokenizer.json in or beside a folder of shards, if there is one.</summary>
    public static string? Tokenizer(string folder)
    {
        var full = Path.GetFullPath(folder);
        return new[] { full, Path.GetDirectoryName(full) ?? full }.Select(place => Path.Combine(place, TokenizerFile)).FirstOrDefault(File.Exists);
    }

    /// <summary>Whether a path is a folder of shards, or holds one.</summary>
    public static bool IsShards(string folder) => IsSet(folder) || IsSet(Path.Combine(folder, Train));

    private static bool IsSet(string folder) => File.Exists(Path.Combine(folder, ShardManifest.FileName));
}
