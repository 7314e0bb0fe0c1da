using System.Globalization;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// An adapter (and, if wanted, its training) in a folder beside nothing of its model: adapter.safetensors under our own names, config.json of the model,
/// tokenizer.json, optimizer.safetensors, training_state.json, manifest.json. The lineage's parent is the <see cref="Decoder.WeightsId"/> of the weights it was trained
/// on. Saved and verified as a <see cref="Checkpoint"/> is. To hand an adapter to other programs, see <see cref="AdapterWriter"/>.
/// </summary>
public static class AdapterCheckpoint
{
    public const string WeightsFile = "adapter.safetensors";
    private const string AlphaKey = "alpha";

    private static readonly CheckpointFolder Layout =
        new([WeightsFile, Checkpoint.ConfigFile, Checkpoint.TokenizerFile], [Checkpoint.OptimizerFile, Checkpoint.TrainingStateFile]);

    /// <summary>True when a folder holds an adapter, intact or not, instead of a model.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, WeightsFile));

    /// <summary>The id of the weights that it was trained on, by its manifest; null when that does not say.</summary>
    /// <exception cref="ModelFormatException">The manifest is missing or damaged.</exception>
    public static string? Parent(string folder) => CheckpointManifest.Read(folder).Lineage.Parent;

    /// <summary>Compares every file with the manifest and returns it; its weights' id is the adapter's.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or truncated; names the file and the remedy.</exception>
    public static CheckpointManifest Verify(string folder) => Layout.Verify(folder);

    /// <summary>Writes a new one; <paramref name="folder"/> must not exist yet.</summary>
    /// <exception cref="IOException">It exists, the disk is full ...: one sentence; nothing is left behind.</exception>
    public static void Save(string folder, AdapterCheckpointContents contents) => Layout.Write(folder, contents.Adapter.Id, contents.Lineage, Parts(contents), stream => stream);

    /// <summary>Verifies and loads one; all tensors are writable copies in memory of their own.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or truncated, or the adapter is not of its own configuration; names the file and the remedy.</exception>
    public static AdapterCheckpointContents Load(string folder)
    {
        var manifest = Layout.Verify(folder);
        string At(string name) => Path.Combine(folder, name);
        var present = manifest.Files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var config = ModelConfigJson.FromJson(File.ReadAllBytes(At(Checkpoint.ConfigFile)), At(Checkpoint.ConfigFile));
        var adapter = LoadAdapter(At(WeightsFile), config);
        try
        {
            return new AdapterCheckpointContents
            {
                Adapter = adapter,
                Config = config,
                Tokenizer = File.ReadAllBytes(At(Checkpoint.TokenizerFile)),
                Lineage = manifest.Lineage,
                Optimizer = present.Contains(Checkpoint.OptimizerFile) ? Checkpoint.LoadTensors(At(Checkpoint.OptimizerFile)) : null,
                TrainingState = present.Contains(Checkpoint.TrainingStateFile) ? File.ReadAllBytes(At(Checkpoint.TrainingStateFile)) : null,
            };
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>The adapter alone, for a model of this configuration.</summary>
    /// <exception cref="ModelFormatException">It is damaged, or not of this model.</exception>
    internal static Adapter LoadAdapter(string path, ModelConfig config)
    {
        using var reader = SafetensorsReader.Open(path);
        var assembly = new AdapterAssembly(path, config, AdapterModule.Gather(AdapterLayout.Of(config).Select(spec => (spec, spec.Name, spec.Shape, 0))));
        foreach (var (name, entry) in reader.Entries.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var isA = name.EndsWith(Adapter.SuffixA, StringComparison.Ordinal);
            if (!isA && !name.EndsWith(Adapter.SuffixB, StringComparison.Ordinal))
            {
                throw ModelFormatException.At(path, name, null, $"this tensor is neither NAME{Adapter.SuffixA} nor NAME{Adapter.SuffixB}. Use another checkpoint.");
            }

            assembly.Add(name[..^Adapter.SuffixA.Length], name, isA, entry.Shape, () => reader.Map(name));
        }

        return assembly.Build((module, rank) => AlphaOf(reader, path, module) / rank);
    }

    private static double AlphaOf(SafetensorsReader reader, string path, string module) =>
        reader.Metadata.TryGetValue($"{module}.{AlphaKey}", out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var alpha)
            ? alpha
            : throw ModelFormatException.At(path, module, null, "has no alpha. Use another checkpoint.");

    private static IEnumerable<(string Name, Action<Stream> Write)> Parts(AdapterCheckpointContents contents)
    {
        var weights = contents.Adapter.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal);
        yield return (WeightsFile, stream => SafetensorsWriter.Write(stream, weights, Alphas(contents.Adapter)));
        yield return (Checkpoint.ConfigFile, stream => stream.Write(contents.Config.ToJson()));
        yield return (Checkpoint.TokenizerFile, stream => stream.Write(contents.Tokenizer.Span));
        foreach (var part in Checkpoint.TrainingParts(contents.Optimizer, contents.TrainingState)) yield return part;
    }

    private static Dictionary<string, string> Alphas(Adapter adapter) => adapter.Pairs.ToDictionary(
        pair => $"{pair.Key}.{AlphaKey}", pair => AdapterWriter.AlphaOf(pair.Value).ToString("R", CultureInfo.InvariantCulture), StringComparer.Ordinal);
}

/// <summary>What an adapter's checkpoint holds. The tokenizer and the training state are opaque bytes here. Loaded contents own their tensors.</summary>
public sealed record AdapterCheckpointContents
{
    public required Adapter Adapter { get; init; }

    /// <summary>Of the model that it adapts.</summary>
    public required ModelConfig Config { get; init; }

    /// <summary>tokenizer.json as it is.</summary>
    public required ReadOnlyMemory<byte> Tokenizer { get; init; }

    /// <summary>Its parent is the id of the weights that the adapter was trained on.</summary>
    public required CheckpointLineage Lineage { get; init; }

    /// <summary>The optimiser's tensors by names of its own choice; null when training cannot be resumed from here.</summary>
    public IReadOnlyDictionary<string, Tensor>? Optimizer { get; init; }

    /// <summary>JSON as it is: step counters, data position, options.</summary>
    public ReadOnlyMemory<byte>? TrainingState { get; init; }
}
