namespace Parley.Host.Benches.Engines;

/// <summary>
/// The peer's prebuilt binaries: the platform package of node-llama-cpp, installed by npm into the cache folder when a bench first asks. The
/// product never depends on it.
/// </summary>
internal static class LlamaPackage
{
    private const string Version = "3.22.1";
    private const string Platform = "linux-x64";

    /// <summary>What the figures are compared with, for the table.</summary>
    public static string Description => $"llama.cpp of node-llama-cpp {Version}";

    /// <returns>The folder with libllama.</returns>
    /// <exception cref="InvalidDataException">npm is missing or failed; its words are in the message.</exception>
    public static async Task<string> InstallAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(BenchCache.Folder, $"node-llama-cpp-{Version}");
        var binaries = Path.Combine(folder, "node_modules", "@node-llama-cpp", Platform, "bins", Platform);
        if (Directory.Exists(binaries))
        {
            return binaries;
        }

        await NpmPackage.InstallAsync(folder, $"@node-llama-cpp/{Platform}@{Version}", cancellationToken);
        return Directory.Exists(binaries) ? binaries : throw new InvalidDataException($"The package of the peer has no folder '{binaries}'.");
    }
}
