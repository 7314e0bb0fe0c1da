using System.Diagnostics;

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

        Console.Error.WriteLine($"Installing {Description} into {folder} ...");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true}""", cancellationToken);
        await NpmAsync(folder, $"@node-llama-cpp/{Platform}@{Version}", cancellationToken);
        return Directory.Exists(binaries) ? binaries : throw new InvalidDataException($"The package of the peer has no folder '{binaries}'.");
    }

    private static async Task NpmAsync(string folder, string package, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("npm") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = ["install", "--ignore-scripts", "--no-audit", "--no-fund", package];
        Array.ForEach(arguments, start.ArgumentList.Add);
        try
        {
            using var npm = Process.Start(start)!;
            var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await npm.StandardError.ReadToEndAsync(cancellationToken);
            await npm.WaitForExitAsync(cancellationToken);
            if (npm.ExitCode != 0)
            {
                throw new InvalidDataException($"npm could not install {package} ({errors.Trim()} {(await output).Trim()}); run the bench with --no-peer to measure Parley alone.");
            }
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidDataException($"npm is missing, and the peer comes by it; install Node.js 20, or run the bench with --no-peer ({error.Message}).", error);
        }
    }
}
