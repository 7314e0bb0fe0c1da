using System.Text.Json;
using Parley.Testing;
using Parley.Training.Evaluation.Sandbox;
using Parley.Training.Evaluation.Tasks;

namespace Parley.Training.Tests.Evaluation;

/// <summary>Programs that do what they should not: each is held, ended and named, and leaves nothing behind.</summary>
public sealed class PythonSandboxTests
{
    private static readonly SandboxLimits Small = new() { ProcessorSeconds = 1, MemoryBytes = 256 << 20 };

    [Theory]
    [InlineData("x = sum(range(10))\nassert x == 45", SandboxVerdict.Passed, "")]
    [InlineData("assert 1 == 2, 'no'", SandboxVerdict.Failed, "AssertionError")]
    [InlineData("def f(:", SandboxVerdict.Failed, "SyntaxError")]
    [InlineData("import sys\nsys.exit(0)", SandboxVerdict.Failed, "SystemExit")]
    [InlineData("import os\nos._exit(0)", SandboxVerdict.Failed, "exit code 0")]
    [InlineData("while True: pass", SandboxVerdict.TimedOut, "")]
    [InlineData("while True: print('x' * 10000)", SandboxVerdict.TimedOut, "")]
    [InlineData("x = bytearray(1 << 30)", SandboxVerdict.OutOfMemory, "")]
    [InlineData("import os\nos.fork()", SandboxVerdict.Forbidden, "os.fork")]
    [InlineData("import subprocess\nsubprocess.Popen(['sleep', '60'])", SandboxVerdict.Forbidden, "subprocess")]
    [InlineData("import socket\ntry:\n  socket.create_connection(('127.0.0.1', 9))\nexcept BaseException: pass", SandboxVerdict.Forbidden, "socket")]
    [InlineData("import ctypes", SandboxVerdict.Forbidden, "ctypes")]
    [InlineData("open('inside.txt', 'w').write('x')", SandboxVerdict.Passed, "")]
    [InlineData("import os\ntry:\n  os.remove('/etc/hostname')\nexcept BaseException: pass", SandboxVerdict.Forbidden, "outside")]
    public async Task A_program_is_held(string program, SandboxVerdict verdict, string message)
    {
        var result = await (await FindAsync()).RunAsync(program, Small);
        Assert.Equal(verdict, result.Verdict);
        Assert.Contains(message, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_written_outside_and_the_folder_is_removed()
    {
        using var folder = new TemporaryFolder();
        var sandbox = await FindAsync();
        var result = await sandbox.RunAsync($"try:\n  open({JsonSerializer.Serialize(folder.File("out"))}, 'w')\nexcept BaseException: pass", Small);
        Assert.Equal(SandboxVerdict.Forbidden, result.Verdict);
        Assert.Contains("outside its folder", result.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        var told = await sandbox.RunAsync("import os\nraise ValueError(os.getcwd())", Small);
        Assert.False(Directory.Exists(told.Message.Split(' ')[^1]));
    }

    [Fact]
    public async Task A_program_that_waits_is_ended_by_the_clock()
    {
        var result = await (await FindAsync()).RunAsync("import time\ntime.sleep(3600)", Small with { Clock = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(SandboxVerdict.TimedOut, result.Verdict);
    }

    [Fact]
    public async Task A_completed_function_passes_only_its_own_tests()
    {
        await FindAsync();
        var task = (GenerationTask)EvaluationTasks.Select("humaneval")[0];
        using var json = JsonDocument.Parse(
            """{"prompt": "def add(a, b):\n", "test": "def check(f):\n    assert f(2, 3) == 5\n", "entry_point": "add", "canonical_solution": "    return a + b\n"}""");
        var item = (GenerationItem)task.Read(json.RootElement);
        Assert.True((await task.JudgeAsync(item, "    return a + b\n", CancellationToken.None))[0]);
        Assert.False((await task.JudgeAsync(item, "    return a - b\n", CancellationToken.None))[0]);
    }

    private static async Task<PythonSandbox> FindAsync()
    {
        if (await PythonSandbox.FindAsync() is { } sandbox) return sandbox;
        Requirement.Skip("python3", "python3 or prlimit is not installed");
        throw new InvalidOperationException();
    }
}
