using System.CommandLine;
using Parley.Host.Benches.Engines;
using Parley.Tensors;

namespace Parley.Host.Verbs;

/// <summary>The hidden verb by which <c>bench engine</c> starts each side in a process of its own.</summary>
internal static class EngineSideVerb
{
    public const string Name = "bench-engine-side";

    public static Command Create()
    {
        var model = new Option<string>("--model") { Required = true };
        var vocabulary = new Option<int>("--vocabulary") { Required = true };
        var threads = new Option<int>("--threads") { Required = true };
        var kernels = new Option<KernelSet>("--kernels");
        var peer = new Option<string?>("--peer");
        var command = new Command(Name, "One side of bench engine.") { model, vocabulary, threads, kernels, peer };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new EngineSideOptions(
                parsed.GetRequiredValue(model), parsed.GetRequiredValue(vocabulary), parsed.GetRequiredValue(threads), parsed.GetValue(kernels));
            await using IEngineSide side = parsed.GetValue(peer) is { } folder
                ? new LlamaSide(new LlamaLibrary(folder), options)
                : new ParleySide(options);
            await EngineSideServer.RunAsync(side, Console.In, Console.Out, cancellationToken);
        });
        return command;
    }
}
