using System.Security.Cryptography;
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

    private static readonly string[] Required = [WeightsFile, ConfigFile, TokenizerFile];
    private static readonly string[] Optional = [OptimizerFile, TrainingStateFile];
    private static readonly Dictionary<string, string> SafetensorsMetadata = new(StringComparer.Ordinal) { ["format"] = "pt" }; // transformers asks for it

    /// <summary>Writes a new checkpoint; <paramref name="folder"/> must not exist yet.</summary>
    /// <exception cref="IOException">It exists, the disk is full ...: one sentence; nothing is left behind.</exception>
    public static void Save(string folder, CheckpointContents contents) => Save(folder, contents, stream => stream);

    /// <param name="wrap">What each file's stream is wrapped in; tests put a full disk here.</param>
    internal static void Save(string folder, CheckpointContents contents, Func<Stream, Stream> wrap)
    {
        try
        {
            using var staging = StagingFolder.Create(folder);
            var files = Parts(contents).Select(part => WriteFile(staging.Path, part.Name, part.Write, wrap)).ToArray();
            var manifest = CheckpointManifest.Create(contents.Decoder.WeightsId, contents.Lineage, files).ToJson();
            WriteFile(staging.Path, CheckpointManifest.FileName, stream => stream.Write(manifest), wrap);
            staging.Commit();
        }
        catch (Exception error) when (DurableFiles.IsDiskError(error))
        {
            throw DurableFiles.NotWritten($"The checkpoint '{folder}'", error);
        }
    }

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
    public static CheckpointManifest Verify(string folder)
    {
        var manifest = CheckpointManifest.Read(folder);
        foreach (var file in manifest.Files)
        {
            VerifyFile(folder, file);
        }

        if (Required.FirstOrDefault(name => !manifest.Files.Any(file => string.Equals(file.Name, name, StringComparison.Ordinal))) is { } missing)
        {
            throw ModelFormatException.At(Path.Combine(folder, CheckpointManifest.FileName), "files", null, $"does not list {missing}. Use another checkpoint.");
        }

        return manifest;
    }

    private static IEnumerable<(string Name, Action<Stream> Write)> Parts(CheckpointContents contents)
    {
        var weights = contents.Decoder.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal);
        yield return (WeightsFile, stream => SafetensorsWriter.Write(stream, weights, SafetensorsMetadata));
        yield return (ConfigFile, stream => stream.Write(contents.Config.ToJson()));
        yield return (TokenizerFile, stream => stream.Write(contents.Tokenizer.Span));
        if (contents.Optimizer is { } optimizer)
        {
            yield return (OptimizerFile, stream => SafetensorsWriter.Write(stream, optimizer));
        }

        if (contents.TrainingState is { } state)
        {
            yield return (TrainingStateFile, stream => stream.Write(state.Span));
        }
    }

    private static CheckpointFile WriteFile(string folder, string name, Action<Stream> write, Func<Stream, Stream> wrap)
    {
        using var file = DurableFiles.Create(Path.Combine(folder, name));
        using var hashing = new HashingStream(wrap(file));
        write(hashing);
        file.Flush(flushToDisk: true);
        return new CheckpointFile(name, hashing.Length, hashing.Hash());
    }

    private static void VerifyFile(string folder, CheckpointFile file)
    {
        if (!Required.Contains(file.Name, StringComparer.Ordinal) && !Optional.Contains(file.Name, StringComparer.Ordinal))
        {
            throw ModelFormatException.At(Path.Combine(folder, CheckpointManifest.FileName), "files", null, "lists an unknown file. Use another checkpoint.");
        }

        var path = Path.Combine(folder, file.Name);
        const string remedy = "Restore it from a copy or use an earlier checkpoint.";
        if (!File.Exists(path))
        {
            throw ModelFormatException.At(path, null, null, $"is missing from the checkpoint. {remedy}");
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 18, FileOptions.SequentialScan);
        if (stream.Length != file.Bytes)
        {
            throw ModelFormatException.At(path, null, stream.Length, $"has {stream.Length} bytes where the manifest says {file.Bytes}; it is truncated. {remedy}");
        }

        if (!string.Equals(Convert.ToHexStringLower(SHA256.HashData(stream)), file.Sha256, StringComparison.Ordinal))
        {
            throw ModelFormatException.At(path, null, null, $"does not have the SHA-256 of the manifest; it is damaged. {remedy}");
        }
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

    private static Dictionary<string, Tensor> LoadTensors(string path)
    {
        using var reader = SafetensorsReader.Open(path);
        return reader.Entries.Keys.ToDictionary(name => name, reader.Read, StringComparer.Ordinal);
    }
}
