using System.Diagnostics;

namespace Parley.Host.Benches;

/// <summary>Peers that come by npm: installed into the bench's cache when first asked for. The product never depends on them.</summary>
internal static class NpmPackage
{
    /// <summary>Installs a package, given as name@version, into a folder of its own packages.</summary>
    /// <exception cref="InvalidDataException">npm is missing or failed; its words are in the message.</exception>
    public static async Task InstallAsync(string folder, string package, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"Installing {package} into {folder} ...");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true}""", cancellationToken);
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
