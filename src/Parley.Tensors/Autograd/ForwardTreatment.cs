namespace Parley.Tensors.Autograd;

/// <summary>How a training step treats the activations of one micro-batch: which it drops, whether layers are computed again, who looks on.</summary>
public sealed record ForwardTreatment
{
    /// <summary>The share of activations that <see cref="TrainingOperations.Dropout"/> zeroes, from 0 up to, not including, 1.</summary>
    public float DropoutRate { get; init; }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>The step, counted from 0; below 2^32.</summary>
    public long Step { get; init; }

    /// <summary>The logical shard of the step; below 2^16.</summary>
    public int Shard { get; init; }

    /// <summary>Which row of the shard comes first, where it is computed in pieces.</summary>
    public int FirstRow { get; init; }

    /// <summary>Keeps only what enters each layer and computes the layer again in the backward pass: less memory, the same bits.</summary>
    public bool Recompute { get; init; }

    /// <summary>Shown what leaves each layer, and as layer -1 what enters the first; for the report of a failed step.</summary>
    public Action<int, Tensor>? Probe { get; init; }

    /// <summary>The mask of one place in the model; equal (seed, step, shard, place, first row) give the equal mask.</summary>
    /// <param name="place">0 behind the embedding, then two for each layer; below 2^16.</param>
    internal DropoutMask Mask(int place) => new(DropoutRate, ~Seed, ((ulong)Step << 32) | ((ulong)(uint)Shard << 16) | (uint)place, FirstRow);
}
