using System.CommandLine;
using System.Globalization;
using Parley.Models;

namespace Parley.Host.Verbs;

/// <summary>The verb <c>parley models quantize IN OUT --type T</c>: a GGUF model of any architecture with smaller weights.</summary>
internal static class ModelsQuantizeVerb
{
    public static Command Create()
    {
        var input = new Argument<string>("in") { Description = "A .gguf file (or any of its shards) or a stored model, best in F32, F16 or BF16." };
        var models = ModelPlace.StoreFolder();
        var output = new Argument<string>("out") { Description = "The .gguf file to write; replaced only when the new one is whole." };
        var type = new Option<string>("--type") { Description = "How matrices are stored; _m and _s give some layers more bits.", Required = true };
        type.AcceptOnlyFromAmong([.. QuantizationType.All.Select(known => known.Name)]);
        var requantize = new Option<bool>("--requantize") { Description = "Convert also what is quantised already, which loses twice." };
        var threads = new Option<int?>("--threads") { Description = "Threads that convert; default: one per core." };
        var command = new Command("quantize", "Write a GGUF model with smaller weights.") { input, output, type, requantize, threads, models };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = parsed.GetRequiredValue(output);
            using var model = GgufReader.Open(ModelPlace.Resolve(parsed, input, models));
            RequireOther(model, target);
            await ProgressView.RunAsync(bytes: false, view => Task.Run(
                () => new GgufQuantizer(model, QuantizationType.Parse(parsed.GetRequiredValue(type)))
                {
                    Threads = Math.Max(1, parsed.GetValue(threads) ?? Environment.ProcessorCount),
                    Requantize = parsed.GetValue(requantize),
                    Progress = (done, total) => view.Report("quantize", done, total),
                }.Write(target, cancellationToken),
                cancellationToken));
            Console.Out.WriteLine(Summary(target, model));
            return 0;
        });
        return command;
    }

    // The input stays mapped while the output is written; replacing it would be the end of the only good copy.
    private static void RequireOther(GgufReader model, string target)
    {
        if (model.Paths.Any(path => Path.GetFullPath(path) == Path.GetFullPath(target)))
        {
            throw new ModelFormatException($"'{target}' is the model itself; name another file to write.");
        }
    }

    private static string Summary(string target, GgufReader before)
    {
        using var after = GgufReader.Open(target);
        var (bytes, was) = (new FileInfo(target).Length, before.Paths.Sum(path => new FileInfo(path).Length));
        var weights = after.Tensors.Values.Sum(tensor => tensor.Shape.Count);
        var bits = after.Tensors.Values.Sum(tensor => tensor.ByteCount) * 8.0 / weights;
        var types = after.Tensors.Values.GroupBy(tensor => tensor.Type).OrderByDescending(group => group.Sum(tensor => tensor.ByteCount))
            .Select(group => $"{group.Count()} {group.Key}");
        return string.Create(
            CultureInfo.InvariantCulture, $"{target}: {bytes / 1e6:F1} MB instead of {was / 1e6:F1}, {bits:F2} bits a weight; {string.Join(", ", types)}");
    }
}
