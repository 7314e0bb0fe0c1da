using System.Security.Cryptography;

namespace Parley.Training.Stages;

/// <summary>What files hold, in a form that can be kept and compared: SHA-256, lower-case hexadecimal.</summary>
public static class FileHashes
{
    /// <summary>Of each file, in order.</summary>
    /// <exception cref="InvalidDataException">A file is missing.</exception>
    public static IReadOnlyList<string> Of(IEnumerable<string> files) => [.. files.Select(Of)];

    /// <exception cref="InvalidDataException">The file is missing.</exception>
    public static string Of(string file)
    {
        if (!File.Exists(file)) throw new InvalidDataException($"{file} does not exist; name data that is there.");
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
