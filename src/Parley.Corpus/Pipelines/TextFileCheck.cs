namespace Parley.Corpus.Pipelines;

/// <summary>Whether a text file can be read to its end, found out before hours depend on it. It reads lines and keeps none; what they hold is not its matter.</summary>
public static class TextFileCheck
{
    /// <exception cref="InvalidDataException">The file is missing, empty, damaged, not UTF-8, or has a line that is too long; names file, line and remedy.</exception>
    public static async Task RunAsync(string path, CancellationToken cancellationToken = default)
    {
        var hasText = false;
        await foreach (var line in TextLines.ReadAsync(path, cancellationToken))
            hasText |= !string.IsNullOrWhiteSpace(line);
        if (!hasText)
            throw new InvalidDataException($"{path} is empty; name a file with text in it.");
    }
}
