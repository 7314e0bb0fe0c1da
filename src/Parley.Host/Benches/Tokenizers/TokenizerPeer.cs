using System.Diagnostics;
using System.Globalization;

namespace Parley.Host.Benches.Tokenizers;

/// <summary>A tokenizer of another house in a Node process of its own, asked over its input and output to encode the same documents again and again.</summary>
internal sealed class TokenizerPeer : IDisposable
{
    /// <summary>Name and version of the packages that are tried.</summary>
    public static readonly (string Name, string Version)[] Packages = [("tiktoken", "1.0.22"), ("@huggingface/tokenizers", "0.2.0"), ("tokenizers", "0.23.2")];

    private readonly Process _process;
    private readonly Task<string> _errors;

    private TokenizerPeer(string title, Process process) => (Title, _process, _errors) = (title, process, process.StandardError.ReadToEndAsync());

    public string Title { get; }

    /// <summary>Installs the package if need be and loads it; null, said aloud, where that fails.</summary>
    public static async Task<TokenizerPeer?> StartAsync((string Name, string Version) package, string tokenizer, string documents, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Engines.BenchCache.Folder, $"{package.Name.Replace('/', '-')}-{package.Version}");
        try
        {
            if (!Directory.Exists(Path.Combine(folder, "node_modules", package.Name)))
            {
                await NpmPackage.InstallAsync(folder, $"{package.Name}@{package.Version}", cancellationToken);
            }

            var peer = new TokenizerPeer($"{package.Name} {package.Version}", Run(folder, package.Name, tokenizer, documents));
            await peer.LineAsync(cancellationToken);
            return peer;
        }
        catch (Exception error) when (error is InvalidDataException or System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"{package.Name} {package.Version} is left out: {error.Message}");
            return null;
        }
    }

    /// <summary>Encodes all documents once.</summary>
    public async Task<TokenizerRound> EncodeAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync("encode".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var parts = (await LineAsync(cancellationToken)).Split(' ');
        return new(
            double.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static Process Run(string folder, string name, string tokenizer, string documents)
    {
        var script = Path.Combine(folder, "peer.mjs");
        using (var source = typeof(TokenizerPeer).Assembly.GetManifestResourceStream("peer.mjs")!)
        using (var target = File.Create(script))
        {
            source.CopyTo(target);
        }

        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RAYON_NUM_THREADS"] = "1";
        start.Environment["UV_THREADPOOL_SIZE"] = "1";
        string[] arguments = [script, name, tokenizer, documents];
        Array.ForEach(arguments, start.ArgumentList.Add);
        return Process.Start(start)!;
    }

    private async Task<string> LineAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidDataException((await _errors).Trim());
}

/// <summary>One time through all documents.</summary>
/// <param name="Hash">Of all ids in order: h = 31 h + id in 32 bits, from 17.</param>
internal readonly record struct TokenizerRound(double Seconds, long Count, int Hash);
