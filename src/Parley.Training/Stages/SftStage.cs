using System.Text.Json;
using Parley.Models;
using Parley.Text;
using Parley.Training.Batches;
using Parley.Training.Evaluation;
using Parley.Training.Runs;

namespace Parley.Training.Stages;

/// <summary>Supervised fine-tuning of a checkpoint's weights, or of an adapter beside them: dialogues, only what the assistant says scored.</summary>
public static class SftStage
{
    public const string Name = "sft";

    private const int HeldRows = 8;

    private static readonly string[] DefaultSamples = ["Hello!", "What is your name?"];

    /// <summary>The run's configuration. The context is at most the model's, and the model's if none is given.</summary>
    /// <param name="from">The checkpoint folder the weights come from.</param>
    /// <param name="model">Its configuration.</param>
    /// <param name="weightsId">Its weights.</param>
    /// <param name="epochs">Passes over the data when the options give neither steps nor minutes.</param>
    /// <exception cref="InvalidDataException">A line of the data is at fault, or the adapter that is asked for is impossible.</exception>
    public static RunConfig Configure(RunOptions options, string from, ModelConfig model, string weightsId, Tokenizer tokenizer, double epochs)
    {
        var context = options.Context == 0 ? model.ContextLength : Math.Min(options.Context, model.ContextLength);
        var config = StageConfigs.Of(options with { Context = context }, Name) with
        {
            Data = [.. options.Data.Select(Path.GetFullPath)],
            Held = [.. options.Held.Select(Path.GetFullPath)],
            DataHashes = FileHashes.Of(options.Data.Concat(options.Held)),
            TokenizerHash = tokenizer.Hash,
            Model = JsonDocument.Parse(model.ToJson()).RootElement,
            From = Path.GetFullPath(from),
            FromWeights = weightsId,
            Lora = options.Lora is { } lora ? LoraTargets.Resolve(lora, model) : null,
            Samples = options.Samples.Count > 0 ? options.Samples : DefaultSamples,
        };

        // Every line is read and rendered now, so that a bad one leaves no run behind.
        var (template, loading) = (ChatTemplate.ChatMl(tokenizer), Loading(config, tokenizer));
        var loader = new SftLoader(config.Data, template, loading);
        if (config.Held.Count > 0) _ = new SftLoader(config.Held, template, LoadingHeld(config, tokenizer));
        if (config.Steps > 0 || config.Minutes is not null) return config;
        return config with { Steps = Math.Max(1, (long)Math.Round(epochs * loader.Rows / config.Batch)) };
    }

    internal static StageInputs Open(RunConfig config, Tokenizer tokenizer, ITrainingView view)
    {
        var template = ChatTemplate.ChatMl(tokenizer);
        var source = new SftLoader(config.Data, template, Loading(config, tokenizer));
        view.Say($"{source.Dialogues:N0} dialogues in {source.Rows:N0} rows of up to {config.Context} tokens"
            + (source.Shortened > 0 ? $"; {source.Shortened:N0} longer ones were cut" : "")
            + (source.LeftOut > 0 ? $"; {source.LeftOut:N0} whose answer begins past the context were left out" : "") + ".");
        var held = config.Held.Count == 0 ? [] : HeldOut(new SftLoader(config.Held, template, LoadingHeld(config, tokenizer)), config.EvaluationTokens);
        var prompts = config.Samples.Select(text => new SamplePrompt(
            text, template.Render([new ChatTemplateMessage("user", text)], addGenerationPrompt: true).Tokens, template.StopIds));
        return new StageInputs(source, new BitsPerByte(tokenizer, held), [.. prompts]);
    }

    /// <summary>
    /// The first rows of the held-out dialogues, up to about <paramref name="mostTokens"/> ids, the same in every evaluation of every run with this context.
    /// </summary>
    private static List<Batch> HeldOut(SftLoader loader, int mostTokens)
    {
        var taken = 0;
        return [.. loader.Epoch().TakeWhile(batch => (taken += batch.Tokens.Length) - batch.Tokens.Length < mostTokens)];
    }

    private static DataLoaderOptions Loading(RunConfig config, Tokenizer tokenizer) =>
        new(config.Context, config.Batch, config.Shards, tokenizer.Special.EndOfText, config.Seed);

    // Nothing of the run's: what it is measured by does not depend on its seed or batch.
    private static DataLoaderOptions LoadingHeld(RunConfig config, Tokenizer tokenizer) =>
        new(config.Context, HeldRows, Shards: 1, tokenizer.Special.EndOfText, Seed: 0);
}
