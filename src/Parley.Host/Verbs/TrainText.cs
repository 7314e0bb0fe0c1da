using Parley.Text;
using Parley.Training;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>
/// Makes `train pretrain --data FILE.txt` work: where the data is text, a tokenizer is trained (unless one is given) and the text is tokenised
/// into the run's folder, once. Where it is shards already, it only finds their tokenizer.
/// </summary>
internal static class TrainText
{
    private const double HeldShare = 0.02;

    /// <returns>The options with shard folders in place of text, and the path of tokenizer.json.</returns>
    /// <exception cref="InvalidDataException">The data, an option or the model is at fault, or the folder's run was made of other text.</exception>
    public static (RunOptions Options, string Tokenizer) Prepare(
        RunOptions options, ModelShape shape, RunFolder folder, string? tokenizer, int vocabulary, ITrainingView view, CancellationToken cancellationToken)
    {
        if (!options.Data.Any(IsText))
        {
            var found = tokenizer ?? ShardFolders.Tokenizer(ShardFolders.Training(options.Data[0]))
                ?? throw new InvalidDataException($"There is no tokenizer.json beside {options.Data[0]}; give --tokenizer.");
            return (options, found);
        }

        if (!options.Data.All(IsText)) throw new InvalidDataException("Give either shards or text as --data, not both.");
        if (options.Weights.Count > 0) throw new InvalidDataException("Weights mix shards, not text; shard each text first with: parley corpus shard.");
        PretrainStage.Check(options, shape, tokenizer is null ? vocabulary : BpeTokenizer.Load(tokenizer).VocabularySize, folder);
        var origin = TextOrigin.Of(options.Data, tokenizer, vocabulary);
        if (Directory.Exists(folder.ShardsFolder) && !origin.IsOf(folder.ShardsFolder)) Clear(folder, view);
        if (!Directory.Exists(folder.ShardsFolder)) Tokenise(options.Data, origin, folder, tokenizer, vocabulary, view, cancellationToken);
        return (options with { Data = [folder.ShardsFolder] }, Path.Combine(folder.ShardsFolder, ShardFolders.TokenizerFile));
    }

    private static void Clear(RunFolder folder, ITrainingView view)
    {
        if (folder.Exists)
        {
            throw new InvalidDataException(
                $"{folder.Path} holds a run on other text, or with another --tokenizer or --vocab; continue it with: parley train resume {folder.Path}, or choose another --out.");
        }

        view.Say($"{folder.ShardsFolder} was made of other text, or by another tokenizer, for a run that never began; it is made anew.");
        Directory.Delete(folder.ShardsFolder, recursive: true);
    }

    private static void Tokenise(
        IReadOnlyList<string> data, TextOrigin origin, RunFolder folder, string? tokenizerFile, int vocabulary, ITrainingView view, CancellationToken cancellationToken)
    {
        TextSources.Check(data, cancellationToken);
        BpeTokenizer tokenizer;
        if (tokenizerFile is not null)
        {
            tokenizer = BpeTokenizer.Load(tokenizerFile);
        }
        else
        {
            view.Say($"Training a tokenizer of up to {vocabulary:N0} tokens ...");
            tokenizer = new BpeTrainer().Train(
                TextSources.Texts(TextSources.Of(data, "unknown"), cancellationToken), new BpeTrainerOptions { VocabularySize = vocabulary }, cancellationToken);
        }

        // All of it or nothing: a run killed here begins again with the same shards.
        view.Say("Tokenising ...");
        var unfinished = folder.ShardsFolder + ".unfinished";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        new TextShards(tokenizer, unfinished, _ => { }).Write(() => TextSources.Of(data, "unknown"), HeldShare, cancellationToken);
        origin.Write(unfinished);
        Directory.Move(unfinished, folder.ShardsFolder);
    }

    private static bool IsText(string path) => File.Exists(path) || (Directory.Exists(path) && !ShardFolders.IsShards(path));
}
