using System.CommandLine;
using Parley.Host.Watching;
using Parley.Models;
using Parley.Text;
using Parley.Training;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>`parley train sft`: teach a pretrained model to answer, from dialogues in OpenAI's fine-tuning format.</summary>
internal static class TrainSftVerb
{
    public static Command Create()
    {
        var common = new TrainRunOptions(new RunOptions { Out = "", Data = [], Context = 0, LearningRate = 3e-4, Warmup = 20, WeightDecay = 0.01f });
        var from = VerbOption.Required("--from", "The checkpoint, run or model (.gguf, or a folder) whose weights to start from.");
        var epochs = VerbOption.Of("--epochs", "Passes over the data when neither steps nor minutes are given.", 1);
        var command = new Command("sft", "Fine-tune a model on dialogues (JSON lines with \"messages\").") { from, epochs };
        var lora = new TrainLoraOptions();
        lora.AddTo(command);
        common.AddTo(command);
        var watch = new TrainWatch();
        watch.AddTo(command);
        command.SetAction(result => TrainRunner.Run(() => watch.Read(result), (view, cancellationToken) =>
        {
            var options = lora.Read(result, common.Read(result), common);
            var checkpoint = Find(result.GetRequiredValue(from), view);
            if (AdapterCheckpoint.IsIn(checkpoint))
            {
                throw new InvalidDataException($"{checkpoint} is an adapter; fold it into its model with: parley models merge, and start from that.");
            }

            var start = StartingModel.Load(checkpoint);
            RunConfig config;
            using (var decoder = start.Decoder)
            {
                config = SftStage.Configure(options, checkpoint, decoder.Config, decoder.WeightsId, BpeTokenizer.FromJson(start.Tokenizer.Span), result.GetValue(epochs));
            }

            new TrainingSession(new RunFolder(options.Out), view) { MeasuresPeak = true }
                .Start(config, start.Tokenizer, common.Threads(result), cancellationToken);
        }));
        return command;
    }

    private static string Find(string path, ITrainingView view) => File.Exists(path) ? Path.GetFullPath(path) : TrainRunner.FindCheckpoint(path, view);
}
