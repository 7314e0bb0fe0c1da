using Parley.Protocol.Errors;

namespace Parley.Host.Serving;

/// <summary>Finds the model that comes with the repository: <c>models/parley-mini*.gguf</c> in the folder of the program, the current one, or above either.</summary>
internal static class BundledModel
{
    public const string Id = "parley-mini";

    /// <summary>Its path.</summary>
    /// <exception cref="ParleyException">It is not there.</exception>
    public static string Require() => Find() ?? throw ParleyException.NotFound(
        "The bundled model models/parley-mini*.gguf is not beside this checkout; name another with --model PATH, or train it with runs/bundled.sh.");

    /// <summary>Its path; null where it is not.</summary>
    public static string? Find() =>
        Places().Select(folder => Path.Combine(folder, "models")).Where(Directory.Exists)
            .SelectMany(models => Directory.EnumerateFiles(models, Id + "*.gguf").Order(StringComparer.Ordinal))
            .FirstOrDefault();

    private static IEnumerable<string> Places() => Above(AppContext.BaseDirectory).Concat(Above(Environment.CurrentDirectory));

    private static IEnumerable<string> Above(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            yield return folder.FullName;
        }
    }
}
