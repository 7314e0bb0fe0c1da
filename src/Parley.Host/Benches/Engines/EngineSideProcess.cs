using System.Diagnostics;
using System.Globalization;
using Parley.Host.Measurements;

namespace Parley.Host.Benches.Engines;

/// <summary>The parent's half: a child process with one side in it.</summary>
internal sealed class EngineSideProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private EngineSideProcess(Process process)
    {
        (_process, _errors) = (process, process.StandardError.ReadToEndAsync());
    }

    public double LoadSeconds { get; private set; }

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
        var side = new EngineSideProcess(OwnProcess.Start(asks: true, arguments));
        side.LoadSeconds = await side.AnswerAsync(cancellationToken);
        return side;
    }

    public async Task<double> AskAsync(string question, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(question.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await AnswerAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<double> AnswerAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line
            ? double.Parse(line, CultureInfo.InvariantCulture)
            : throw new InvalidDataException($"A side of the bench ended: {(await _errors).Trim()}");
}
