using System.CommandLine;
using Parley.Host.Benches.Training;
using Parley.Tensors;

namespace Parley.Host.Verbs;

/// <summary>The hidden verb by which <c>bench training</c> starts our side in a process of its own.</summary>
internal static class TrainingSideVerb
{
    public const string Name = "bench-training-side";

    public static Command Create()
    {
        var shape = new Option<string>("--shape") { Required = true };
        var threads = new Option<int>("--threads") { Required = true };
        var products = new Option<DType>("--products") { DefaultValueFactory = _ => DType.F32 };
        var command = new Command(Name, "Our side of bench training.") { shape, threads, products };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var context = new ComputeContext(parsed.GetRequiredValue(threads), products: parsed.GetValue(products));
            using var side = new TrainingSide(TrainingShape.All.First(item => item.Name == parsed.GetRequiredValue(shape)), context);
            await side.ServeAsync(Console.In, Console.Out, cancellationToken);
        });
        return command;
    }
}
