using System.CommandLine;
using System.Text.Json;
using Parley.Corpus.Generators;
using Parley.Corpus.Generators.TinyWorlds;
using Parley.Corpus.Pipelines;

namespace Parley.Host.Verbs;

/// <summary>`parley corpus tiny-world`: generated texts, dialogues and held-out questions with exact answers, for `./run tiny`.</summary>
internal static class CorpusTinyWorldVerb
{
    public const string PretrainFile = "pretrain.jsonl";
    public const string DialogueFile = "sft.jsonl";
    public const string QuestionFile = "questions.jsonl";

    public static Command Create()
    {
        var output = VerbOption.Required("--out", "The folder to write.");
        var documents = VerbOption.Of("--documents", "Texts for pretraining.", 20_000);
        var dialogues = VerbOption.Of("--dialogues", "Dialogues for fine-tuning.", 10_000);
        var questions = VerbOption.Of("--questions", "Held-out questions whose facts no text or dialogue contains.", 100);
        var seed = VerbOption.Of("--seed", "What everything follows from.", 1UL);
        var command = new Command("tiny-world", "Generate a world small enough to learn in minutes.") { output, documents, dialogues, questions, seed };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            var (folder, from) = (result.GetRequiredValue(output), result.GetValue(seed));
            Directory.CreateDirectory(folder);
            var pipeline = new Pipeline("tiny world").From(new MemorySource("texts", TinyWorld.Documents(from, result.GetValue(documents))));
            pipeline.To(new DocumentSink(Path.Combine(folder, PretrainFile)), cancellationToken).GetAwaiter().GetResult();
            var count = ChatFile.Write(Path.Combine(folder, DialogueFile), TinyWorld.Dialogues(from, result.GetValue(dialogues)), cancellationToken);
            var asked = TinyWorld.Questions(TinyWorldSplit.HeldOut, result.GetValue(questions), from);
            File.WriteAllLines(Path.Combine(folder, QuestionFile), asked.Select(Line));
            view.Say($"{folder}: {result.GetValue(documents):N0} texts, {count:N0} dialogues, {asked.Count:N0} held-out questions");
        }));
        return command;
    }

    private static string Line(TinyWorldQuestion question)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("question", question.Question);
            writer.WriteString("answer", question.Answer);
            writer.WriteString("family", question.Family);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
