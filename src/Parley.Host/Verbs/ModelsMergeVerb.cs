using System.CommandLine;
using Parley.Host.Watching;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>The verb <c>parley models merge MODEL ADAPTER --out DIR|FILE.gguf</c>: one model that computes what a model with an adapter does.</summary>
internal static class ModelsMergeVerb
{
    private static readonly Argument<string> Model = ModelPlace.Argument("model");
    private static readonly Argument<string> Adapter = new("adapter") { Description = "A .gguf adapter, a folder of PEFT's, or a run or checkpoint of `parley train sft --lora`." };
    private static readonly Option<string> Target = VerbOption.Required("--out", "A .gguf file, or a folder for a checkpoint in F32, from which training can start.");
    private static readonly Option<string> Type = VerbOption.Of("--dtype", "How matrices are stored in a .gguf file.", "q8_0").AcceptOnlyFromAmong("f32", "f16", "bf16", "q8_0");
    private static readonly Option<bool> OtherBase = new("--other-base")
    {
        Description = "Merge although the adapter was trained on other weights than these, such as the same model stored otherwise.",
    };

    private static readonly Option<string?> Models = ModelPlace.StoreFolder();

    public static Command Create()
    {
        var command = new Command("merge", "Fold a LoRA adapter into its model.") { Model, Adapter, Target, Type, OtherBase, Models };
        command.SetAction(result => TrainRunner.Guard(() =>
        {
            var target = result.GetRequiredValue(Target);
            var isFile = target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
            if (!isFile && Path.Exists(target)) throw new InvalidDataException($"{target} exists already; name a new folder, or a .gguf file.");
            using var model = LoadedModel.Load(ModelPlace.Resolve(result, Model, Models));
            var tokenizer = isFile ? default : Tokenizer(model, target);
            using var adapter = Load(result, model);
            using var merged = model.Merge(adapter);
            if (isFile) merged.ExportGguf(target, Enum.Parse<DType>(result.GetRequiredValue(Type), ignoreCase: true));
            else Save(target, merged, tokenizer, model.Decoder.WeightsId);
            Console.WriteLine($"{target}: {merged.Config.ParameterCount:N0} parameters, {adapter.Pairs.Count} matrices changed by an adapter of {adapter.ParameterCount:N0}");
        }));
        return command;
    }

    private static Adapter Load(ParseResult result, LoadedModel model)
    {
        var path = result.GetRequiredValue(Adapter);
        var place = new RunFolder(path).Exists ? TrainRunner.FindCheckpoint(path, new TrainPlainView(Console.Out)) : path;
        var trainedOn = AdapterCheckpoint.IsIn(place) ? AdapterCheckpoint.Parent(place) : null;
        return trainedOn is null || result.GetValue(OtherBase) || TrainedAdapter.IsOf(trainedOn, model.Decoder)
            ? AdapterFile.Load(place, model.Config)
            : throw new InvalidDataException($"{place} was trained on other weights than those of '{model.Id}'; name the model it was trained on, or give --other-base if this is it, stored otherwise.");
    }

    // A checkpoint keeps a tokenizer of ours and no template, so that both must be what training speaks.
    private static ReadOnlyMemory<byte> Tokenizer(LoadedModel model, string target) =>
        StartingModel.TokenizerOf(model)
            ?? throw new InvalidDataException($"'{model.Id}' has a tokenizer or chat template that a checkpoint cannot keep; give --out {target}.gguf.");

    private static void Save(string folder, LoadedModel model, ReadOnlyMemory<byte> tokenizer, string parent)
    {
        using var decoder = F32Copy.Of(model.Decoder);
        var lineage = new CheckpointLineage("merge", parent, Seed: 0, ShardManifestHash: null, Step: 0);
        Checkpoint.Save(folder, new CheckpointContents { Decoder = decoder, Tokenizer = tokenizer, Lineage = lineage });
    }
}
