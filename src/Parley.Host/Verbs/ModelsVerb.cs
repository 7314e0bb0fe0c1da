using System.CommandLine;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;

namespace Parley.Host.Verbs;

/// <summary>The verbs <c>parley models</c>: what a model file or checkpoint holds, and the same model in another form.</summary>
internal static class ModelsVerb
{
    private static readonly string[] Types = ["f32", "f16", "bf16", "q8_0"];

    public static Command Create() => new("models", "Look into model files and convert them.") { Inspect(), Export(), ModelsQuantizeVerb.Create() };

    private static Command Inspect()
    {
        var file = PathArgument("file", "A .gguf file or a checkpoint folder.");
        var command = new Command("inspect", "Show what a model is: sizes, storage types, tokenizer, identity.") { file };
        command.SetAction(parsed =>
        {
            using var model = LoadedModel.Load(parsed.GetRequiredValue(file));
            foreach (var (field, value) in Describe(model))
            {
                Console.WriteLine($"{field,-15}{value}");
            }

            return 0;
        });
        return command;
    }

    private static Command Export()
    {
        var input = PathArgument("in", "A .gguf file or a checkpoint folder.");
        var output = PathArgument("out", "The .gguf file to write; replaced only when the new one is whole.");
        var type = new Option<string>("--dtype") { Description = "How matrices are stored.", DefaultValueFactory = _ => "q8_0" };
        type.AcceptOnlyFromAmong(Types);
        var name = new Option<string?>("--name") { Description = "The name inside the file; default: the output's file name." };
        var command = new Command("export", "Write a model as one GGUF file that llama.cpp reads too.") { input, output, type, name };
        command.Aliases.Add("convert");
        command.SetAction(parsed =>
        {
            var target = parsed.GetRequiredValue(output);
            using var model = LoadedModel.Load(parsed.GetRequiredValue(input), parsed.GetValue(name) ?? Path.GetFileNameWithoutExtension(target));
            model.ExportGguf(target, Enum.Parse<DType>(parsed.GetRequiredValue(type), ignoreCase: true));
            Console.WriteLine($"{target}: {model.Config.ParameterCount / 1e6:F2}M parameters as {parsed.GetRequiredValue(type)}, {Megabytes(new FileInfo(target).Length)}");
            return 0;
        });
        return command;
    }

    private static IEnumerable<(string Field, string Value)> Describe(LoadedModel model)
    {
        var config = model.Config;
        var types = model.Decoder.Parameters.GroupBy(parameter => parameter.Value.DType).OrderBy(group => group.Key);
        yield return ("model", model.Id);
        yield return ("architecture", $"{config.Architecture}, {config.Layers} layers, width {config.HiddenSize}, feed-forward {config.IntermediateSize}");
        yield return ("attention", $"{config.Heads} heads of {config.HeadDim}, {config.KVHeads} for keys and values, rope theta {config.RopeTheta:G}");
        yield return ("context", $"{config.ContextLength} tokens; {Megabytes(CacheBytes(config))} of cache for one sequence of that length");
        yield return ("parameters", $"{config.ParameterCount:N0}{(config.TieEmbeddings ? " (tied embeddings)" : "")}");
        yield return ("stored as", string.Join(", ", types.Select(group => $"{group.Count()} tensors {group.Key} ({Megabytes(group.Sum(parameter => parameter.Value.ByteCount))})")));
        yield return ("vocabulary", $"{model.Tokenizer.VocabularySize} tokens, {model.Tokenizer.Special.All.Count()} special, sha-256 {model.Tokenizer.Hash}");
        yield return ("ends at", string.Join(", ", model.EndTokens.Select(id => $"{id} {model.Tokenizer.Special.TextOf(id)}")));
        yield return ("chat template", model.Template is null ? "none: it continues text only" : "ChatML");
        yield return ("version", model.Decoder.WeightsId);
    }

    private static long CacheBytes(ModelConfig config) =>
        KVCache.BytesPerBlock(config.Layers, config.KVHeads, config.HeadDim) * ((config.ContextLength + KVCache.BlockSize - 1) / KVCache.BlockSize);

    private static string Megabytes(long bytes) => $"{bytes / 1e6:F1} MB";

    private static Argument<string> PathArgument(string name, string description) => new(name) { Description = description };
}
