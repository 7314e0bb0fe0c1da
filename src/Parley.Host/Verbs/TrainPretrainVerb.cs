using System.CommandLine;
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
        var layers = VerbOption.Of("--layers", "Decoder layers.", 6);
        var hidden = VerbOption.Of("--hidden", "Width of the model.", 384);
        var heads = VerbOption.Of("--heads", "Attention heads.", 6);
        var kvHeads = new Option<int?>("--kv-heads") { Description = "Key and value heads; as many as heads unless given." };
        var intermediate = new Option<int?>("--intermediate") { Description = "Feed-forward width; about 8/3 of the hidden size unless given." };
        var untied = new Option<bool>("--untied") { Description = "Give the output head weights of its own." };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "tokenizer.json; the one beside the shards unless given." };
        var vocabulary = VerbOption.Of("--vocab", "Vocabulary of the tokenizer trained when the data is text and none is given.", 4096);
        var command = new Command("pretrain", "Train a new model from shards or text.") { layers, hidden, heads, kvHeads, intermediate, untied, tokenizer, vocabulary };
        var packed = new Option<bool>("--pack") { Description = "Pack rows from whole documents (best fit), instead of cutting windows." };
        command.Options.Add(packed);
        common.AddTo(command);
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            var options = DataWeights.Split(common.Read(result)) with { PacksDocuments = result.GetValue(packed) };
            var folder = new RunFolder(options.Out);
            (options, var tokenizerFile) = TrainText.Prepare(options, folder, result.GetValue(tokenizer), result.GetValue(vocabulary), view, cancellationToken);
            var shape = new ModelShape(result.GetValue(layers), result.GetValue(hidden), result.GetValue(heads), result.GetValue(kvHeads))
            {
                Intermediate = result.GetValue(intermediate),
                TieEmbeddings = !result.GetValue(untied),
            };
            var config = PretrainStage.Configure(options, shape, BpeTokenizer.Load(tokenizerFile));
            new TrainingSession(folder, view).Start(config, File.ReadAllBytes(tokenizerFile), common.Threads(result), cancellationToken);
        }));
        return command;
    }
}
