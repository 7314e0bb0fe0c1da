using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Parley.Host.Measurements;

namespace Parley.Host.Benches.Training;

/// <summary>PyTorch as the distribution packages it. The bench installs nothing: where it is missing it says how to get it.</summary>
internal static class TorchPeer
{
    // The distribution's own interpreter: another Python on the path would not see its packages.
    private const string Python = "/usr/bin/python3";

    /// <exception cref="InvalidDataException">There is no Python with torch here.</exception>
    public static AskedProcess Start(TrainingShape shape, int threads, bool autocast)
    {
        var start = new ProcessStartInfo(Python)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        int[] numbers = [shape.Layers, shape.Heads, shape.Context, shape.Batch, threads];
        string[] arguments =
        [
            TrainingFiles.Script, TrainingFiles.Weights(shape), TrainingFiles.Tokens(shape),
            .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)), .. autocast ? (string[])["bf16"] : [],
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);

        // PyTorch at its best. In fp32 OpenBLAS's threads would otherwise compete with OpenMP's, which spin (1.5 times as slow); with BF16 only
        // OpenMP's compute, and a short spin, the default, is best: a long one ("ACTIVE") would take a core from the other sides while they are measured.
        // Memory given back to the system after each tensor would cost another 4%.
        if (!autocast)
        {
            start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        }

        start.Environment["MALLOC_MMAP_THRESHOLD_"] = "4294967296";
        start.Environment["MALLOC_TRIM_THRESHOLD_"] = "17179869184";
        return new AskedProcess(Process.Start(start)!);
    }

    /// <summary>The version of torch.</summary>
    /// <exception cref="InvalidDataException">There is no Python with torch here.</exception>
    public static async Task<string> RequireAsync(CancellationToken cancellationToken)
    {
        try
        {
            var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add("import torch; print(torch.__version__)");
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var version = (await process.StandardOutput.ReadToEndAsync(cancellationToken)).Trim();
            await errors;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? version : throw Missing(null);
        }
        catch (Win32Exception error)
        {
            throw Missing(error);
        }
    }

    private static InvalidDataException Missing(Exception? inner) => new(
        "PyTorch, which training is compared with, is not here; install it with 'apt-get install python3-torch', or give --no-peer to measure Parley alone.", inner);
}
