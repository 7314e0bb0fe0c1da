namespace Parley.Training.Batches;

/// <summary>
/// Where training takes its data from. The answer is a pure function of the source's seed, the step and the shard: it depends neither on
/// what was read before, nor on who asks, so a resumed run and a second process see the same order.
/// </summary>
public interface IBatchSource
{
    /// <summary>Logical shards a step is divided into.</summary>
    int Shards { get; }

    /// <summary>The micro-batch of one logical shard of one step.</summary>
    Batch Read(long step, int shard);

    /// <summary>Where a micro-batch came from, in words, for the report of a failed step.</summary>
    string Describe(long step, int shard);
}
