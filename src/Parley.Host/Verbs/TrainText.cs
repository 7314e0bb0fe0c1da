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
    public static (RunOptions Options, string Tokenizer) Prepare(
        RunOptions options, RunFolder folder, string? tokenizer, int vocabulary, ITrainingView view, CancellationToken cancellationToken)
    {
        if (!options.Data.Any(IsText))
        {
            var found = tokenizer ?? ShardFolders.Tokenizer(ShardFolders.Training(options.Data[0]))
                ?? throw new InvalidDataException($"There is no tokenizer.json beside {options.Data[0]}; give --tokenizer.");
            return (options, found);
        }

        if (!options.Data.All(IsText)) throw new InvalidDataException("Give either shards or text as --data, not both.");
        if (options.Weights.Count > 0) throw new InvalidDataException("Weights mix shards, not text; shard each text first with: parley corpus shard.");
        if (!Directory.Exists(folder.ShardsFolder)) Tokenise(options.Data, folder, tokenizer, vocabulary, view, cancellationToken);
        return (options with { Data = [folder.ShardsFolder] }, Path.Combine(folder.ShardsFolder, ShardFolders.TokenizerFile));
    }

    private static void Tokenise(
        IReadOnlyList<string> data, RunFolder folder, string? tokenizerFile, int vocabulary, ITrainingView view, CancellationToken cancellationToken)
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
        Directory.Move(unfinished, folder.ShardsFolder);
    }

    private static bool IsText(string path) =>
        File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFiles(path).Any(file => file.EndsWith(".txt", StringComparison.Ordinal)
            || file.EndsWith(".jsonl.gz", StringComparison.Ordinal) || file.EndsWith(".txt.gz", StringComparison.Ordinal)));
}
