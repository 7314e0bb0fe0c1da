using Parley.Training.Batches;
using Parley.Training.Evaluation;

namespace Parley.Training.Stages;

/// <summary>What a stage brings to a run: batches, held-out batches, prompts.</summary>
public sealed record StageInputs(IBatchSource Source, BitsPerByte Held, IReadOnlyList<SamplePrompt> Prompts, IDisposable? Owned = null) : IDisposable
{
    public void Dispose() => Owned?.Dispose();
}
