using System.Globalization;
using Parley.Host.Measurements;

namespace Parley.Host.Benches.Engines;

/// <summary>The parent's half: a child process with one side in it.</summary>
internal sealed class EngineSideProcess : IAsyncDisposable
{
    private readonly AskedProcess _process;

    private EngineSideProcess(AskedProcess process) => _process = process;

    public double LoadSeconds { get; private init; }

    /// <param name="peerFolder">Where libllama is; null: the side is Parley.</param>
    /// <exception cref="InvalidDataException">The child ended; what it said is in the message.</exception>
    public static async Task<EngineSideProcess> StartAsync(EngineSideOptions options, string? peerFolder, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            Verbs.EngineSideVerb.Name, "--model", options.Model, "--vocabulary", options.Vocabulary.ToString(CultureInfo.InvariantCulture),
            "--threads", options.Threads.ToString(CultureInfo.InvariantCulture), "--kernels", options.Kernels.ToString(),
            .. peerFolder is null ? (string[])[] : ["--peer", peerFolder],
        ];
        var process = new AskedProcess(OwnProcess.Start(asks: true, arguments));
        var load = await process.ReadAsync(cancellationToken);
        return new EngineSideProcess(process) { LoadSeconds = double.Parse(load, CultureInfo.InvariantCulture) };
    }

    public Task<double> AskAsync(string question, CancellationToken cancellationToken) => _process.AskAsync(question, cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
