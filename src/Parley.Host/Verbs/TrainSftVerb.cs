using System.CommandLine;
using Parley.Host.Watching;
using Parley.Models;
using Parley.Text;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>`parley train sft`: teach a pretrained model to answer, from dialogues in OpenAI's fine-tuning format.</summary>
internal static class TrainSftVerb
{
    public static Command Create()
    {
        var common = new TrainRunOptions(new RunOptions { Out = "", Data = [], Context = 0, LearningRate = 3e-4, Warmup = 20, WeightDecay = 0.01f });
        var from = VerbOption.Required("--from", "The checkpoint, or the run, whose weights to start from.");
        var epochs = VerbOption.Of("--epochs", "Passes over the data when neither steps nor minutes are given.", 1);
        var command = new Command("sft", "Fine-tune a model on dialogues (JSON lines with \"messages\").") { from, epochs };
        common.AddTo(command);
        var watch = new TrainWatch();
        watch.AddTo(command);
        command.SetAction(result => TrainRunner.Run(() => watch.Read(result), (view, cancellationToken) =>
        {
            var options = common.Read(result);
            var checkpoint = TrainRunner.FindCheckpoint(result.GetRequiredValue(from), view);
            RunConfig config;
            ReadOnlyMemory<byte> tokenizerJson;
            using (var contents = Checkpoint.Load(checkpoint))
            {
                tokenizerJson = contents.Tokenizer;
                var tokenizer = BpeTokenizer.FromJson(tokenizerJson.Span);
                config = SftStage.Configure(options, checkpoint, contents.Config, contents.Decoder.WeightsId, tokenizer, result.GetValue(epochs));
            }

            new TrainingSession(new RunFolder(options.Out), view) { MeasuresPeak = true }
                .Start(config, tokenizerJson, common.Threads(result), cancellationToken);
        }));
        return command;
    }
}
