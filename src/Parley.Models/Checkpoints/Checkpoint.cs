using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// A model (and, if wanted, its training) in a folder: model.safetensors, config.json, tokenizer.json,
/// optimizer.safetensors, training_state.json, manifest.json. Saving is all or nothing: a temporary folder, every file
/// fsynced, the manifest with every SHA-256 last, then one rename. Loading verifies all hashes first.
/// </summary>
public static class Checkpoint
{
    public const string WeightsFile = "model.safetensors";
    public const string ConfigFile = "config.json";
    public const string TokenizerFile = "tokenizer.json";
    public const string OptimizerFile = "optimizer.safetensors";
    public const string TrainingStateFile = "training_state.json";

    private static readonly CheckpointFolder Layout = new([WeightsFile, ConfigFile, TokenizerFile], [OptimizerFile, TrainingStateFile]);
    private static readonly Dictionary<string, string> SafetensorsMetadata = new(StringComparer.Ordinal) { ["format"] = "pt" }; // transformers asks for it

    /// <summary>Writes a new checkpoint; <paramref name="folder"/> must not exist yet.</summary>
    /// <exception cref="IOException">It exists, the disk is full ...: one sentence; nothing is left behind.</exception>
    public static void Save(string folder, CheckpointContents contents) => Save(folder, contents, stream => stream);

    /// <param name="wrap">What each file's stream is wrapped in; tests put a full disk here.</param>
    internal static void Save(string folder, CheckpointContents contents, Func<Stream, Stream> wrap) =>
        Layout.Write(folder, contents.Decoder.WeightsId, contents.Lineage, Parts(contents), wrap);

    /// <summary>Verifies and loads a checkpoint; all tensors are writable copies in memory of their own.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or truncated; names the file and the remedy.</exception>
    public static CheckpointContents Load(string folder)
    {
        var manifest = Verify(folder);
        var present = manifest.Files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var config = ModelConfigJson.FromJson(File.ReadAllBytes(Path.Combine(folder, ConfigFile)), Path.Combine(folder, ConfigFile));
        var decoder = LoadDecoder(config, Path.Combine(folder, WeightsFile));
        try
        {
            return new CheckpointContents
            {
                Decoder = decoder,
                Tokenizer = File.ReadAllBytes(Path.Combine(folder, TokenizerFile)),
                Lineage = manifest.Lineage,
                Optimizer = present.Contains(OptimizerFile) ? LoadTensors(Path.Combine(folder, OptimizerFile)) : null,
                TrainingState = present.Contains(TrainingStateFile) ? File.ReadAllBytes(Path.Combine(folder, TrainingStateFile)) : null,
            };
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <summary>Compares every file with the manifest and returns it.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or truncated; names the file and the remedy.</exception>
    public static CheckpointManifest Verify(string folder) => Layout.Verify(folder);

    /// <summary>One small file of a checkpoint, of a model or of an adapter, compared with the manifest.</summary>
    /// <exception cref="ModelFormatException">It is missing, damaged or truncated; names the file and the remedy.</exception>
    public static byte[] ReadVerified(string folder, string name) => Layout.ReadVerified(folder, name);

    private static IEnumerable<(string Name, Action<Stream> Write)> Parts(CheckpointContents contents)
    {
        var weights = contents.Decoder.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal);
        yield return (WeightsFile, stream => SafetensorsWriter.Write(stream, weights, SafetensorsMetadata));
        yield return (ConfigFile, stream => stream.Write(contents.Config.ToJson()));
        yield return (TokenizerFile, stream => stream.Write(contents.Tokenizer.Span));
        foreach (var part in TrainingParts(contents.Optimizer, contents.TrainingState)) yield return part;
    }

    /// <summary>What a run goes on from, besides its weights.</summary>
    internal static IEnumerable<(string Name, Action<Stream> Write)> TrainingParts(IReadOnlyDictionary<string, Tensor>? optimizer, ReadOnlyMemory<byte>? state)
    {
        if (optimizer is not null) yield return (OptimizerFile, stream => SafetensorsWriter.Write(stream, optimizer));
        if (state is { } json) yield return (TrainingStateFile, stream => stream.Write(json.Span));
    }

    private static Decoder LoadDecoder(ModelConfig config, string path)
    {
        var parameters = LoadTensors(path).ToDictionary(pair => pair.Key, pair => new Parameter(pair.Key, pair.Value), StringComparer.Ordinal);
        try
        {
            return new Decoder(config, parameters);
        }
        catch (ModelFormatException error)
        {
            foreach (var parameter in parameters.Values)
            {
                parameter.Dispose();
            }

            throw ModelFormatException.At(path, error.Field, null, error.Message, error);
        }
    }

    internal static Dictionary<string, Tensor> LoadTensors(string path)
    {
        using var reader = SafetensorsReader.Open(path);
        return reader.Entries.Keys.ToDictionary(name => name, reader.Read, StringComparer.Ordinal);
    }
}
