using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// What a checkpoint holds. The tokenizer and the training state are opaque bytes here: Text and Training know them.
/// Loaded contents own their tensors; dispose them, or keep the decoder and dispose the rest.
/// </summary>
public sealed record CheckpointContents : IDisposable
{
    public required Decoder Decoder { get; init; }

    /// <summary>tokenizer.json as it is.</summary>
    public required ReadOnlyMemory<byte> Tokenizer { get; init; }

    public required CheckpointLineage Lineage { get; init; }

    /// <summary>The optimiser's tensors by names of its own choice; null when training cannot be resumed from here.</summary>
    public IReadOnlyDictionary<string, Tensor>? Optimizer { get; init; }

    /// <summary>JSON as it is: step counters, data position, options; null for a model that is only served.</summary>
    public ReadOnlyMemory<byte>? TrainingState { get; init; }

    public ModelConfig Config => Decoder.Config;

    public void Dispose()
    {
        Decoder.Dispose();
        DisposeOptimizer();
    }

    /// <summary>Frees the optimiser's tensors only, for those who serve the decoder.</summary>
    public void DisposeOptimizer()
    {
        foreach (var tensor in Optimizer?.Values ?? [])
        {
            tensor.Dispose();
        }
    }
}

/// <summary>Where weights come from: the arrows from shards to steps to this checkpoint.</summary>
/// <param name="RunId">The training run that wrote it.</param>
/// <param name="Parent">The checkpoint the run started from, null when from scratch.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="ShardManifestHash">SHA-256 of the manifest of the data, null when there was none.</param>
/// <param name="Step">How many optimiser steps the run had taken.</param>
public sealed record CheckpointLineage(string RunId, string? Parent, ulong Seed, string? ShardManifestHash, long Step);
