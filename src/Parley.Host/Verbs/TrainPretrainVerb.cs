using System.CommandLine;
using Parley.Host.Watching;
using Parley.Text;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>
/// `parley train pretrain`: a new model from shards of token ids, or straight from text files, which are tokenised into the run's folder
/// first.
/// </summary>
internal static class TrainPretrainVerb
{
    public static Command Create()
    {
        var common = new TrainRunOptions(new RunOptions { Out = "", Data = [] });
        var model = new TrainModelOptions();
        var tokenizer = new Option<string?>("--tokenizer") { Description = "tokenizer.json; the one beside the shards unless given." };
        var vocabulary = VerbOption.Of("--vocab", "Vocabulary of the tokenizer trained when the data is text and none is given.", 4096);
        var command = new Command("pretrain", "Train a new model from shards or text.") { tokenizer, vocabulary };
        var packed = new Option<bool>("--pack") { Description = "Pack rows from whole documents (best fit), instead of cutting windows." };
        command.Options.Add(packed);
        model.AddTo(command);
        common.AddTo(command);
        var watch = new TrainWatch();
        watch.AddTo(command);
        command.SetAction(result => TrainRunner.Run(() => watch.Read(result), (view, cancellationToken) =>
        {
            var (shape, options) = model.Read(result, DataWeights.Split(common.Read(result)) with { PacksDocuments = result.GetValue(packed) }, common);
            var folder = new RunFolder(options.Out);
            (options, var tokenizerFile) = TrainText.Prepare(options, shape, folder, result.GetValue(tokenizer), result.GetValue(vocabulary), view, cancellationToken);
            var config = PretrainStage.Configure(options, shape, BpeTokenizer.Load(tokenizerFile));
            new TrainingSession(folder, view) { MeasuresPeak = true }
                .Start(config, File.ReadAllBytes(tokenizerFile), common.Threads(result), cancellationToken);
        }));
        return command;
    }
}
