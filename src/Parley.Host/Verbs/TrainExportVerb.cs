using System.CommandLine;
using Parley.Host.Watching;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Training.Optimization;

namespace Parley.Host.Verbs;

/// <summary>`parley train export`: a run's best checkpoint, or a given one, as one GGUF file that this and other programs serve.</summary>
internal static class TrainExportVerb
{
    public static Command Create()
    {
        var source = new Argument<string>("run|checkpoint") { Description = "A run (its best checkpoint is taken) or a checkpoint folder." };
        var file = VerbOption.Required("--gguf", "The file to write.");
        var type = VerbOption.Of("--dtype", "How weights are stored: q8_0, f16 or f32.", "q8_0").AcceptOnlyFromAmong("q8_0", "f16", "f32");
        var average = new Option<bool>("--ema") { Description = "Take the running average of the weights (of a run trained with --ema)." };
        var command = new Command("export", "Write a model as GGUF.") { source, file, type, average };
        command.SetAction(result => TrainRunner.Guard(() =>
        {
            var checkpoint = TrainRunner.FindCheckpoint(result.GetRequiredValue(source), new TrainPlainView(Console.Out));
            using var model = LoadedModel.Load(checkpoint);
            if (result.GetValue(average)) TakeAverage(checkpoint, model.Decoder);
            var target = result.GetRequiredValue(file);
            model.ExportGguf(target, result.GetValue(type) switch { "f32" => DType.F32, "f16" => DType.F16, _ => DType.Q8_0 });
            Console.WriteLine($"{target}: {new FileInfo(target).Length / 1e6:F1} MB, {model.Config.ParameterCount:N0} parameters, from {checkpoint}");
        }));
        return command;
    }

    private static void TakeAverage(string checkpoint, Decoder decoder)
    {
        using var contents = Checkpoint.Load(checkpoint);
        WeightAverage.CopyTo(contents.Optimizer ?? new Dictionary<string, Tensor>(StringComparer.Ordinal), decoder);
    }
}
