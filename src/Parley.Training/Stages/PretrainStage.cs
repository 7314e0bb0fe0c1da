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
        TokenStream.Open(data.Concat(held), tokenizer).Dispose();
        return StageConfigs.Of(options, Name) with
        {
            Data = data,
            Held = held,
            DataHashes = StageConfigs.Hashes(data.Concat(held).Select(folder => Path.Combine(folder, ShardManifest.FileName))),
            TokenizerHash = tokenizer.Hash,
            Model = JsonDocument.Parse(shape.ToConfig(tokenizer.VocabularySize, options.Context).ToJson()).RootElement,
            Samples = options.Samples.Count > 0 ? options.Samples : DefaultSamples,
        };
    }

    internal static StageInputs Open(RunConfig config, Tokenizer tokenizer)
    {
        var end = tokenizer.Special.EndOfText;
        var owned = TokenStream.Open(config.Data.Concat(config.Held), tokenizer);
        try
        {
            var split = config.Data.Select(ShardManifest.Load).Sum(manifest => manifest.TokenCount);
            var heldFrom = config.Held.Count > 0 ? split : split - Math.Max(split / 100, config.Context + 1);
            if (heldFrom <= 0)
            {
                throw new InvalidDataException(
                    $"The data has only {split} tokens, too few for a context of {config.Context}.");
            }

            var loading = new DataLoaderOptions(config.Context, config.Batch, config.Shards, end, config.Seed);
            var source = new DataLoader(owned.Slice(0, heldFrom), loading);
            var held = HeldWindows.Of(owned.Slice(heldFrom, owned.Count - heldFrom), config.Context, end, config.EvaluationTokens);
            var prompts = config.Samples.Select(text => new SamplePrompt(text, [end, .. tokenizer.Encode(text)], [end]));
            return new StageInputs(source, new BitsPerByte(tokenizer, held), [.. prompts], owned);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }
}
