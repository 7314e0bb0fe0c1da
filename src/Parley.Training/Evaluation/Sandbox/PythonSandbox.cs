using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Parley.Training.Evaluation.Sandbox;

/// <summary>
/// Runs a Python program that nobody has read: a process of its own in an empty temporary folder, without our environment, under rlimits
/// (prlimit), where the system allows it in namespaces of its own without network (unshare), and under an audit hook that refuses
/// processes, sockets and writing outside the folder. Afterwards whatever it left running is ended. It keeps accidents in; for programs of
/// an enemy use a virtual machine.
/// </summary>
public sealed class PythonSandbox
{
    /// <summary>Why there is none.</summary>
    public const string Missing =
        "Programs can only be checked on Linux with python3 and prlimit installed; install them (Debian: python3, util-linux) or leave the task out.";

    private const string MarkVariable = "PARLEY_SANDBOX";
    private const int MostOutput = 1 << 16;
    private static readonly string[] Namespaces =
        ["unshare", "--user", "--map-root-user", "--net", "--ipc", "--pid", "--fork", "--kill-child=SIGKILL"];

    // unshare cannot end itself by every signal that ended its child; a shell between them makes an exit code of it.
    private static readonly string[] Shell = ["sh", "-c", "\"$@\"; exit $?", "sh"];
    private static readonly Lazy<string> Guard = new(ReadGuard);

    private readonly string _python;
    private readonly string[] _before;

    private PythonSandbox(string python, string[] before) => (_python, _before) = (python, before);

    /// <summary>True where the program also has no network and no sight of other processes, by the system's own means.</summary>
    public bool HasNamespaces => _before.Length > 0;

    /// <summary>The sandbox of this machine; null where there is no python3 or no prlimit.</summary>
    public static async Task<PythonSandbox?> FindAsync(CancellationToken cancellationToken = default)
    {
        if (!OperatingSystem.IsLinux()) return null;
        // A wrapper (pyenv) tells which interpreter it stands for.
        var (found, python) = await TryRunAsync(["python3", "-I", "-c", "import sys; print(sys.executable)"], cancellationToken);
        if (!found || !(await TryRunAsync(["prlimit", "--version"], cancellationToken)).Ok) return null;
        var unshares = (await TryRunAsync([.. Namespaces, "true"], cancellationToken)).Ok;
        return new PythonSandbox(python.Trim(), unshares ? Namespaces : []);
    }

    /// <summary>Runs a program to its end or to a limit. Many may run at once.</summary>
    public async Task<SandboxResult> RunAsync(string program, SandboxLimits limits, CancellationToken cancellationToken = default)
    {
        var folder = Directory.CreateTempSubdirectory("parley-sandbox-").FullName;
        var mark = Guid.NewGuid().ToString("N");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "program.py"), program, new UTF8Encoding(false), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "guard.py"), Guard.Value, cancellationToken);
            using var process = Start([.. _before, .. Shell, .. Limited(limits), _python, "-I", "-S", "-B", "guard.py"], folder, mark);
            return await FinishAsync(process, mark, limits, cancellationToken);
        }
        finally
        {
            EndLeftovers(mark);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Limited(SandboxLimits limits)
    {
        string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
        return
        [
            "prlimit", $"--as={Number(limits.MemoryBytes)}", $"--cpu={Number(limits.ProcessorSeconds)}:{Number(limits.ProcessorSeconds + 1)}",
            $"--fsize={Number(limits.FileBytes)}", "--nofile=64", "--core=0", "--",
        ];
    }

    private static async Task<SandboxResult> FinishAsync(Process process, string mark, SandboxLimits limits, CancellationToken cancellationToken)
    {
        var word = Guid.NewGuid().ToString("N");
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        clock.CancelAfter(limits.Clock);
        try
        {
            await process.StandardInput.WriteLineAsync(word);
            process.StandardInput.Close();
            var output = TailAsync(process.StandardOutput, clock.Token);
            var errors = TailAsync(process.StandardError, clock.Token);
            await process.WaitForExitAsync(clock.Token);
            return Verdict(await output, await errors, word, process.ExitCode);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(SandboxVerdict.TimedOut, $"still running after {limits.Clock.TotalSeconds:0.#} s by the clock");
        }
        catch (IOException error)
        {
            return new(SandboxVerdict.Failed, error.Message); // it ended before it had read its first line
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            EndLeftovers(mark);
        }
    }

    private static SandboxResult Verdict(string output, string errors, string word, int exitCode)
    {
        const int timeSignal = 128 + 24, killSignal = 128 + 9; // SIGXCPU at the soft limit of processor time, SIGKILL at the hard one
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith(word, StringComparison.Ordinal));
        if (line is null)
        {
            return exitCode is timeSignal or killSignal
                ? new(SandboxVerdict.TimedOut, "used up its processor time")
                : new(SandboxVerdict.Failed, $"ended early with exit code {exitCode}: {errors.Trim().Split('\n')[^1]}");
        }

        var parts = line[(word.Length + 1)..].Split(' ', 2);
        var verdict = parts[0] switch
        {
            "passed" => SandboxVerdict.Passed,
            "memory" => SandboxVerdict.OutOfMemory,
            "forbidden" => SandboxVerdict.Forbidden,
            _ => SandboxVerdict.Failed,
        };
        return new(verdict, parts.Length > 1 ? parts[1].Trim() : "");
    }

    private static Process Start(string[] command, string folder, string mark)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        (string, string?)[] ours = [("PATH", path), ("HOME", folder), ("TMPDIR", folder), (MarkVariable, mark)];
        foreach (var (name, value) in ours) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>The last of what a stream says; the rest is read and dropped, so that a program that prints for ever fills nothing.</summary>
    private static async Task<string> TailAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var (tail, buffer) = (new StringBuilder(), new char[4096]);
        while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            tail.Append(buffer, 0, count);
            if (tail.Length > 2 * MostOutput) tail.Remove(0, tail.Length - MostOutput);
        }

        return tail.ToString();
    }

    /// <summary>Ends every process that carries the mark in its environment, also one that has left its parent, until there is none.</summary>
    private static void EndLeftovers(string mark)
    {
        const int rounds = 20;
        for (var round = 0; round < rounds; round++)
        {
            string[] found = [.. Directory.EnumerateDirectories("/proc").Where(folder => Carries(folder, mark)).Select(folder => Path.GetFileName(folder))];
            if (found.Length == 0) return;
            foreach (var id in found) End(int.Parse(id, CultureInfo.InvariantCulture));
        }
    }

    private static bool Carries(string folder, string mark)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(folder)[0])
                && File.ReadAllText(Path.Combine(folder, "environ")).Contains($"{MarkVariable}={mark}", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended meanwhile, or is not ours
        }
    }

    private static void End(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit(TimeSpan.FromSeconds(1));
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }

    private static async Task<(bool Ok, string Output)> TryRunAsync(string[] command, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Start([command[0], .. command[1..]], Path.GetTempPath(), "");
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            await errors;
            return (process.ExitCode == 0, await output);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (false, ""); // there is no such program
        }
    }

    private static string ReadGuard()
    {
        using var reader = new StreamReader(typeof(PythonSandbox).Assembly.GetManifestResourceStream("sandbox_guard.py")!);
        return reader.ReadToEnd();
    }
}
