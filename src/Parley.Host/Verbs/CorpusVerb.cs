using System.CommandLine;

namespace Parley.Host.Verbs;

/// <summary>
/// `parley corpus`: text into shards of token ids, a check that no evaluation is in it, and the
/// corpora that this repository makes itself. It only collects the verbs.
/// </summary>
public static class CorpusVerb
{
    public static Command Create() => new("corpus", "Prepare text: shard, overlap, bundled, tiny-world.")
    {
        CorpusShardVerb.Create(), CorpusOverlapVerb.Create(), CorpusBundledVerb.Create(), CorpusTinyWorldVerb.Create(),
    };
}
