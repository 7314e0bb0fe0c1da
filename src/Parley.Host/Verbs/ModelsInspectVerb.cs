using System.CommandLine;
using System.Globalization;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Text;

namespace Parley.Host.Verbs;

/// <summary>
/// The verb <c>parley models inspect</c>: what is in any file or folder of tensors, and, where it is a model that can be served,
/// its sizes, tokenizer and identity.
/// </summary>
internal static class ModelsInspectVerb
{
    private const int LongestValue = 100;

    public static Command Create()
    {
        var model = ModelPlace.Argument("model");
        var tensors = new Option<bool>("--tensors") { Description = "List every tensor." };
        var metadata = new Option<bool>("--metadata") { Description = "List every metadata key of a GGUF file." };
        var models = ModelPlace.StoreFolder();
        var command = new Command("inspect", "Show what a model is: sizes, storage types, tokenizer, identity.") { model, tensors, metadata, models };
        command.SetAction(parsed =>
        {
            var path = ModelPlace.Resolve(parsed, model, models);
            using var container = TensorContainer.Open(path);
            PrintFields(Describe(container));
            PrintFields(DescribeModel(path));
            if (parsed.GetValue(metadata))
            {
                PrintMetadata(container);
            }

            if (parsed.GetValue(tensors))
            {
                PrintTensors(container);
            }

            return 0;
        });
        return command;
    }

    private static void PrintFields(IEnumerable<(string Field, string Value)> fields)
    {
        foreach (var (field, value) in fields)
        {
            Console.Out.WriteLine($"{field,-15}{value}");
        }
    }

    private static IEnumerable<(string Field, string Value)> Describe(TensorContainer container)
    {
        var paths = container.Paths;
        var types = container.Tensors.GroupBy(tensor => tensor.StoredAs).OrderByDescending(group => group.Sum(tensor => tensor.ByteCount));
        yield return ("files", $"{(paths.Count == 1 ? Path.GetFileName(paths[0]) : $"{paths.Count} shards from {Path.GetFileName(paths[0])}")}, {container.Format}, {Megabytes(paths.Sum(path => new FileInfo(path).Length))}");
        yield return ("tensors", $"{container.Tensors.Count}: {string.Join(", ", types.Select(group => $"{group.Count()} {group.Key} ({Megabytes(group.Sum(tensor => tensor.ByteCount))})"))}");
        yield return ("weights", container.Tensors.Sum(tensor => tensor.Shape.Count).ToString("N0", CultureInfo.InvariantCulture));
    }

    // A file may be whole and still be no model that we serve: then its tensors are shown, and why it cannot be served.
    private static IEnumerable<(string Field, string Value)> DescribeModel(string path)
    {
        LoadedModel model;
        try
        {
            model = LoadedModel.Load(path);
        }
        catch (ModelFormatException error)
        {
            return [("not servable", error.Message)];
        }

        using (model)
        {
            return [.. Describe(model)];
        }
    }

    private static IEnumerable<(string Field, string Value)> Describe(LoadedModel model)
    {
        var config = model.Config;
        yield return ("model", model.Id);
        var experts = config.Experts == 0 ? "" : $", {config.Experts} experts, {config.ExpertsPerToken} for each token";
        yield return ("architecture", $"{config.Architecture}, {config.Layers} layers, width {config.HiddenSize}, feed-forward {config.IntermediateSize}{experts}");
        yield return ("attention", $"{config.Heads} heads of {config.HeadDim}, {config.KVHeads} for keys and values, {Positions(config)}{Window(config)}");
        yield return ("context", $"{config.ContextLength} tokens; {Megabytes(CacheBytes(config))} of cache for one sequence of that length");
        yield return ("parameters", string.Create(CultureInfo.InvariantCulture, $"{config.ParameterCount:N0}{(config.TieEmbeddings ? " (tied embeddings)" : "")}"));
        yield return ("vocabulary", $"{model.Tokenizer.VocabularySize} tokens, {model.Tokenizer.Special.All.Count()} special, sha-256 {model.Tokenizer.Hash}");
        yield return ("ends at", string.Join(", ", model.EndTokens.Select(id => $"{id} {model.Tokenizer.Special.TextOf(id)}")));
        yield return ("chat template", DescribeTemplate(model));
        yield return ("version", model.Decoder.WeightsId);
    }

    private static string Positions(ModelConfig config)
    {
        if (config.LearnedPositions)
        {
            return "learned positions";
        }

        var scaling = config.RopeScaling is { } its ? string.Create(CultureInfo.InvariantCulture, $", {its.Kind} scaling") : "";
        return string.Create(CultureInfo.InvariantCulture, $"rope theta {config.RopeTheta:G}{scaling}");
    }

    private static string Window(ModelConfig config) => config.WindowedLayers.IsEmpty
        ? ""
        : $", a window of {config.SlidingWindow} in {Enumerable.Range(0, config.Layers).Count(config.WindowedLayers.Contains)} layers";

    private static void PrintMetadata(TensorContainer container)
    {
        foreach (var (key, value) in container.Metadata ?? [])
        {
            var text = value.ToString().ReplaceLineEndings("\\n");
            Console.Out.WriteLine($"{key} = {(text.Length > LongestValue ? string.Concat(text.AsSpan(0, LongestValue), "...") : text)}");
        }
    }

    private static void PrintTensors(TensorContainer container)
    {
        var width = container.Tensors.Select(tensor => tensor.Name.Length).DefaultIfEmpty().Max();
        foreach (var tensor in container.Tensors)
        {
            Console.Out.WriteLine($"{tensor.Name.PadRight(width)}  {tensor.StoredAs,-5} {tensor.Shape}  {Megabytes(tensor.ByteCount)}");
        }
    }

    private static long CacheBytes(ModelConfig config) =>
        KVCache.BytesPerBlock(config.Layers, config.KVHeads, config.HeadDim) * ((config.ContextLength + KVCache.BlockSize - 1) / KVCache.BlockSize);

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB");

    private static string DescribeTemplate(LoadedModel model) => model.Template switch
    {
        null => $"none, so it continues text only: {model.TemplateFault}",
        { Source: ChatTemplate.ChatMlJinja } => "ChatML",
        var template => $"Jinja, {template.Source.Length} characters",
    };
}
