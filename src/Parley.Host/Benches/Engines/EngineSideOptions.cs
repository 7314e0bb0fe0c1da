using Parley.Tensors;

namespace Parley.Host.Benches.Engines;

/// <summary>What both sides are told, so that they do the same work.</summary>
/// <param name="Model">The GGUF file.</param>
/// <param name="Vocabulary">Ids are below it.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="Kernels">Which kernels Parley uses; the peer chooses by itself.</param>
internal sealed record EngineSideOptions(string Model, int Vocabulary, int Threads, KernelSet Kernels)
{
    /// <summary>Tokens that the F16 key-value cache holds over all sequences.</summary>
    public const int CacheTokens = 4096;

    /// <summary>Tokens of one step.</summary>
    public const int StepTokens = 512;

    public const int MaxSequences = 16;
}
