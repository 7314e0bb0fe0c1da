using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Parley.Host.Measurements;
using Parley.Models;
using Parley.Training.Runs;

namespace Parley.Host.Drills.Resuming;

/// <summary>
/// One `parley train pretrain` in a process of its own, started again and again by the very same command: undisturbed, or killed with SIGKILL
/// as soon as it starts, at a random moment, or while a checkpoint is being written.
/// </summary>
internal sealed class KilledTraining(string data, string folder, IReadOnlyList<string> settings)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly RunFolder _run = new(folder);
    private string[] _left = [];

    /// <summary>What the last process said, output and errors.</summary>
    public string Said { get; private set; } = "";

    /// <summary>Finished steps by the newest line of metrics.jsonl.</summary>
    public long Step
    {
        get
        {
            if (!File.Exists(_run.MetricsFile)) return 0;
            var newest = File.ReadLines(_run.MetricsFile).LastOrDefault(line => line.EndsWith('}')); // the last line may be torn
            return newest is null ? 0 : JsonDocument.Parse(newest).RootElement.GetProperty("step").GetInt64();
        }
    }

    public RunFolder Run => _run;

    private string Checkpoints => Path.Combine(_run.Path, "checkpoints");

    /// <summary>Runs to the end; returns the weights and moments it ended with.</summary>
    /// <exception cref="InvalidDataException">It failed; the message holds what it said.</exception>
    public async Task<byte[]> FinishAsync(CancellationToken cancellationToken)
    {
        using var process = Start(out var reading);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            process.Kill(); // a drill that is broken off leaves nothing running
        }

        Said = await reading;
        if (process.ExitCode != 0) throw new InvalidDataException($"Training ended with {process.ExitCode}: {Said}");
        var checkpoint = _run.Checkpoints()[0].Folder;
        return [.. await File.ReadAllBytesAsync(Path.Combine(checkpoint, Checkpoint.WeightsFile), cancellationToken),
            .. await File.ReadAllBytesAsync(Path.Combine(checkpoint, Checkpoint.OptimizerFile), cancellationToken)];
    }

    /// <summary>Runs until the moment has come, then kills the process; returns false when it had ended before.</summary>
    public async Task<bool> KillAsync(KillMoment moment, Random random, CancellationToken cancellationToken)
    {
        _left = Directory.Exists(Checkpoints) ? Directory.GetDirectories(Checkpoints, ".step-*") : []; // what earlier kills left behind
        using var process = Start(out var reading);
        var watch = Stopwatch.StartNew();
        var (early, steps, from) = (random.Next(50, 400), random.Next(1, 15), Step);
        while (!process.HasExited && !HasCome(moment, watch.ElapsedMilliseconds, early, from + steps)) await Task.Delay(Look, cancellationToken);
        var killed = !process.HasExited;
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
        Said = await reading;
        return killed;
    }

    /// <summary>Flips one bit of one file of the newest checkpoint; returns its step, or null when there is none.</summary>
    public long? FlipBit(Random random)
    {
        if (_run.Checkpoints() is not [var (step, newest), _, ..]) return null; // the one before must be there to go on from
        var files = Directory.GetFiles(newest).Order(StringComparer.Ordinal).ToArray();
        using var file = File.Open(files[random.Next(files.Length)], FileMode.Open);
        file.Position = random.NextInt64(file.Length);
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ (1 << random.Next(8))));
        return step;
    }

    private bool HasCome(KillMoment moment, long milliseconds, int early, long step) => moment switch
    {
        KillMoment.AtOnce => milliseconds >= early,
        KillMoment.InCheckpoint => Directory.Exists(Checkpoints) && Directory.EnumerateDirectories(Checkpoints, ".step-*").Except(_left, StringComparer.Ordinal).Any(),
        _ => Step >= step,
    };

    private Process Start(out Task<string> said)
    {
        var process = OwnProcess.Start(asks: false, ["train", "pretrain", "--data", data, "--out", folder, .. settings]);
        var text = new StringBuilder();
        void Take(string? line)
        {
            lock (text) text.Append(CultureInfo.InvariantCulture, $"{line}\n");
        }

        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        said = Task.Run(async () =>
        {
            await process.WaitForExitAsync();
            lock (text) return text.ToString();
        });
        return process;
    }
}

/// <summary>When a process is killed.</summary>
internal enum KillMoment
{
    /// <summary>Within its first moments, while it reads or tokenises.</summary>
    AtOnce,

    /// <summary>After some steps.</summary>
    InSteps,

    /// <summary>While a checkpoint is being written.</summary>
    InCheckpoint,
}
