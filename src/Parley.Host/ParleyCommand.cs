using System.CommandLine;
using Parley.Host.Verbs;
using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Storage;

namespace Parley.Host;

/// <summary>
/// The command <c>parley</c>: the list of its verbs, and the one place where a failure becomes one sentence on stderr and exit code 1.
/// </summary>
internal static class ParleyCommand
{
    public static RootCommand Create() => new("The whole ChatGPT stack in one codebase that you own.")
    {
        UpVerb.Create(),
        ServeVerb.Create(),
        KeysVerb.Create(),
        TrainVerb.Create(),
        TokenizerVerb.Create(),
        CorpusVerb.Create(),
        ModelsVerb.Create(),
        PullVerb.Create(),
        GenerateVerb.Create(),
        EvalVerb.Create(),
        VerifyVerb.Create(),
        ExerciseVerb.CreateBench(),
        ExerciseVerb.CreateDrill(),
        EngineSideVerb.Create(),
        TrainingSideVerb.Create(),
    };

    /// <summary>Ctrl-C and SIGTERM let a verb finish what it must (a checkpoint, a settled answer) for this long; the default would be 2 seconds.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Runs a command line; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            return await Create().Parse(arguments).InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TerminationTimeout,
            });
        }
        catch (OperationCanceledException)
        {
            return 130; // 128 + SIGINT, as shells count it
        }
        catch (Exception error) when (Sentence(error) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    /// <summary>What to tell a person; null for a fault of ours, which deserves its stack trace.</summary>
    private static string? Sentence(Exception error) => error switch
    {
        ParleyException or ModelFormatException or InvalidDataException or IOException or UnauthorizedAccessException => error.Message,
        _ => StorageFailures.Describe(error)?.Message,
    };
}
