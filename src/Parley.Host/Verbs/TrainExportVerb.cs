using System.CommandLine;
using Parley.Host.Watching;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Training.Optimization;
using Parley.Training.Runs;

namespace Parley.Host.Verbs;

/// <summary>
/// `parley train export`: a run's best checkpoint, or a given one, as one GGUF file that this and other programs serve; an adapter also by itself, as PEFT's
/// folder or as a GGUF adapter.
/// </summary>
internal static class TrainExportVerb
{
    private static readonly Argument<string> Source = new("run|checkpoint") { Description = "A run (its best checkpoint is taken) or a checkpoint folder." };
    private static readonly Option<string?> File = new("--gguf") { Description = "The file to write; an adapter is folded into its model." };
    private static readonly Option<string?> Peft = new("--peft") { Description = "The folder to write an adapter to, as PEFT saves it." };
    private static readonly Option<string?> GgufAdapter = new("--gguf-adapter") { Description = "The file to write an adapter to, as llama.cpp loads it with --lora." };
    private static readonly Option<string?> Base = new("--base") { Description = "The model that an adapter was trained on, if it is no longer where it was." };
    private static readonly Option<string> Type = VerbOption.Of("--dtype", "How weights are stored: q8_0, f16 or f32.", "q8_0").AcceptOnlyFromAmong("q8_0", "f16", "f32");
    private static readonly Option<bool> Average = new("--ema") { Description = "Take the running average of the weights (of a run trained with --ema)." };

    public static Command Create()
    {
        var command = new Command("export", "Write a model as GGUF, or an adapter as PEFT or GGUF.") { Source, File, Peft, GgufAdapter, Base, Type, Average };
        command.SetAction(result => TrainRunner.Guard(() =>
        {
            if (result.GetValue(File) is null && result.GetValue(Peft) is null && result.GetValue(GgufAdapter) is null)
            {
                throw new InvalidDataException("Where to? Give --gguf FILE, or for an adapter also --peft DIR or --gguf-adapter FILE.");
            }

            var checkpoint = TrainRunner.FindCheckpoint(result.GetRequiredValue(Source), new TrainPlainView(Console.Out));
            if (AdapterCheckpoint.IsIn(checkpoint)) ExportAdapter(result, checkpoint);
            else ExportModel(result, checkpoint);
        }));
        return command;
    }

    private static void ExportModel(ParseResult result, string checkpoint)
    {
        if (result.GetValue(File) is not { } target || result.GetValue(Peft) is not null || result.GetValue(GgufAdapter) is not null || result.GetValue(Base) is not null)
        {
            throw new InvalidDataException($"{checkpoint} holds whole weights, not an adapter; give --gguf alone.");
        }

        using var model = LoadedModel.Load(checkpoint);
        if (result.GetValue(Average)) TakeAverage(checkpoint, model.Decoder);
        Write(result, model, target, checkpoint);
    }

    private static void ExportAdapter(ParseResult result, string checkpoint)
    {
        if (result.GetValue(Average)) throw new InvalidDataException($"{checkpoint} is an adapter, of which no running average is kept; leave --ema out.");
        var place = result.GetValue(Base) is not { } named ? null : System.IO.File.Exists(named) ? named : TrainRunner.FindCheckpoint(named, new TrainPlainView(Console.Out));
        using var trained = TrainedAdapter.Load(checkpoint, place);
        if (result.GetValue(Peft) is { } folder)
        {
            AdapterWriter.WritePeft(folder, trained.Adapter, trained.Model.Config);
            Console.WriteLine($"{folder}: {trained.Adapter.ParameterCount:N0} parameters, from {checkpoint}");
        }

        if (result.GetValue(GgufAdapter) is { } file)
        {
            AdapterWriter.WriteGguf(file, trained.Adapter, trained.Model.Config);
            Console.WriteLine($"{file}: {trained.Adapter.ParameterCount:N0} parameters, from {checkpoint}");
        }

        if (result.GetValue(File) is not { } target) return;
        using var merged = trained.Model.Merge(trained.Adapter);
        Write(result, merged, target, checkpoint);
    }

    private static void Write(ParseResult result, LoadedModel model, string target, string checkpoint)
    {
        model.ExportGguf(target, result.GetValue(Type) switch { "f32" => DType.F32, "f16" => DType.F16, _ => DType.Q8_0 });
        Console.WriteLine($"{target}: {new FileInfo(target).Length / 1e6:F1} MB, {model.Config.ParameterCount:N0} parameters, from {checkpoint}");
    }

    private static void TakeAverage(string checkpoint, Decoder decoder)
    {
        using var contents = Checkpoint.Load(checkpoint);
        WeightAverage.CopyTo(contents.Optimizer ?? new Dictionary<string, Tensor>(StringComparer.Ordinal), decoder);
    }
}
