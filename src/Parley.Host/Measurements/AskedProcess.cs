using System.Diagnostics;
using System.Globalization;

namespace Parley.Host.Measurements;

/// <summary>A child process that answers each question, a line on its input, by one line on its output: one side of a comparison.</summary>
/// <param name="process">Started with input, output and errors redirected.</param>
internal sealed class AskedProcess(Process process) : IAsyncDisposable
{
    private readonly Task<string> _errors = process.StandardError.ReadToEndAsync();

    /// <exception cref="InvalidDataException">The child ended; what it said is in the message.</exception>
    public async Task<double> AskAsync(string question, CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync(question.AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
        return double.Parse(await ReadAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>The next line, such as the greeting that says that the child is ready.</summary>
    /// <exception cref="InvalidDataException">The child ended; what it said is in the message.</exception>
    public async Task<string> ReadAsync(CancellationToken cancellationToken) =>
        await process.StandardOutput.ReadLineAsync(cancellationToken)
        ?? throw new InvalidDataException($"A side of the bench ended: {(await _errors).Trim()}");

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }
}
