using System.Text.Json;
using Parley.Models;
using Parley.Text;
using Parley.Text.Shards;
using Parley.Training.Batches;
using Parley.Training.Evaluation;
using Parley.Training.Runs;

namespace Parley.Training.Stages;

/// <summary>
/// Pretraining: random weights, shards of token ids, every token scored. Without held-out shards the last hundredth of the data is held
/// out.
/// </summary>
public static class PretrainStage
{
    public const string Name = "pretrain";

    private static readonly string[] DefaultSamples = ["Once upon a time", "The"];

    /// <summary>The run's configuration; checks that shards exist and fit the tokenizer before any time is spent.</summary>
    public static RunConfig Configure(RunOptions options, ModelShape shape, Tokenizer tokenizer)
    {
        var data = options.Data.Select(ShardFolders.Training).ToArray();
        var held = options.Held.Count > 0
            ? [.. options.Held.Select(ShardFolders.Training)]
            : options.Data.Select(ShardFolders.HeldOut).OfType<string>().ToArray();
        Check(data.Concat(held), tokenizer);
        if (options.Weights.Count > 0 && held.Length == 0)
            throw new InvalidDataException("A mixture needs held-out text of its own; shard its texts with --held-out, or give --eval.");
        return StageConfigs.Of(options, Name) with
        {
            Data = data,
            Held = held,
            Weights = options.Weights.Count > 0 ? options.Weights : null,
            PacksDocuments = options.PacksDocuments ? true : null,
            DataHashes = FileHashes.Of(data.Concat(held).Select(folder => Path.Combine(folder, ShardManifest.FileName))),
            TokenizerHash = tokenizer.Hash,
            Model = Model(shape, tokenizer.VocabularySize, options),
            Samples = options.Samples.Count > 0 ? options.Samples : DefaultSamples,
        };
    }

    /// <summary>
    /// Finds fault with a run whose text is not tokenised yet: with its options, its model, the room on the disk. Then no time is spent on text that no run
    /// would read.
    /// </summary>
    /// <param name="vocabulary">Of the tokenizer, at most.</param>
    /// <exception cref="InvalidDataException">An option is out of range, or there can be no such model.</exception>
    /// <exception cref="IOException">There is too little room for the run's checkpoints.</exception>
    public static void Check(RunOptions options, ModelShape shape, int vocabulary, RunFolder folder)
    {
        var config = StageConfigs.Of(options, Name) with { Model = Model(shape, vocabulary, options) };
        RunChecks.Check(config);
        if (!folder.Exists) RunChecks.RequireDisk(config, folder);
    }

    internal static StageInputs Open(RunConfig config, Tokenizer tokenizer, ITrainingView view)
    {
        var end = tokenizer.Special.EndOfText;
        var owned = TokenStream.Open(config.Data.Concat(config.Held), tokenizer);
        try
        {
            long[] counts = [.. config.Data.Select(ShardManifest.Load).Select(manifest => manifest.TokenCount)];
            var split = counts.Sum();
            var heldFrom = config.Held.Count > 0 ? split : split - Math.Max(split / 100, config.Context + 1);
            if (heldFrom <= 0)
            {
                throw new InvalidDataException(
                    $"The data has only {split} tokens, too few for a context of {config.Context}.");
            }

            var loader = Load(owned, counts, heldFrom, config, end);
            Describe(loader, config, view);
            var source = new PrefetchingSource(loader);
            var held = HeldWindows.Of(owned.Slice(heldFrom, owned.Count - heldFrom), config.Context, end, config.EvaluationTokens);
            var prompts = config.Samples.Select(text => new SamplePrompt(text, [end, .. tokenizer.Encode(text)], [end]));
            return new StageInputs(source, new BitsPerByte(tokenizer, held), [.. prompts], new OpenData(source, owned));
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    private static JsonElement Model(ModelShape shape, int vocabulary, RunOptions options) =>
        JsonDocument.Parse(shape.ToConfig(vocabulary, options.Context).ToJson()).RootElement;

    // Every byte is compared with its SHA-256 once, before a run begins.
    private static void Check(IEnumerable<string> folders, Tokenizer tokenizer)
    {
        using var stream = TokenStream.Open(folders, tokenizer);
        foreach (var reader in stream.Readers) reader.Verify();
    }

    private static DataLoader Load(TokenStream stream, long[] counts, long heldFrom, RunConfig config, int endOfText)
    {
        var options = new DataLoaderOptions(config.Context, config.Batch, config.Shards, endOfText, config.Seed) { PacksDocuments = config.PacksDocuments ?? false };
        if (config.Weights is not { } weights) return new DataLoader(stream.Slice(0, heldFrom), options);
        var starts = counts.Select((_, set) => counts[..set].Sum());
        return new DataLoader([.. starts.Zip(counts, stream.Slice)], weights, options);
    }

    private static void Describe(DataLoader loader, RunConfig config, ITrainingView view)
    {
        for (var i = 0; i < loader.Sources.Count; i++)
        {
            var name = config.Weights is null ? "The data" : $"{config.Data[i]} ({config.Weights[i] / config.Weights.Sum():P0})";
            if (loader.Sources[i] is PackedRows packed) view.Say($"{name}: {packed.Rows:N0} rows of whole documents, {packed.Fill:P1} full.");
            else if (config.Weights is not null) view.Say($"{name}: {loader.Sources[i].Rows:N0} windows.");
        }
    }

    private sealed record OpenData(PrefetchingSource Source, TokenStream Stream) : IDisposable
    {
        public void Dispose()
        {
            Source.Dispose();
            Stream.Dispose();
        }
    }
}
