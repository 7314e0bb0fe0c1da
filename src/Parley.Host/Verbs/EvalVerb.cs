using System.CommandLine;
using Parley.Corpus.Generators;
using Parley.Corpus.Generators.TinyWorlds;
using Parley.Protocol.Errors;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>
/// <c>parley eval MODEL</c> is <see cref="EvalTasksVerb"/>'s; here is <c>parley eval tiny-world</c>, which
/// asks a running server held-out questions of the tiny world, whose answers can be checked letter by
/// letter, and fails below a given score. A second model, the same one before training, shows what was learned.
/// </summary>
internal static class EvalVerb
{
    public static Command Create()
    {
        var url = new Option<string>("--url") { Description = "Where the server answers, such as http://127.0.0.1:8080.", Required = true };
        var model = new Option<string>("--model") { Description = "The model to examine.", Required = true };
        var baseline = new Option<string?>("--baseline") { Description = "A model to put beside it, such as the same one untrained." };
        var count = new Option<int>("--questions") { Description = "How many questions.", DefaultValueFactory = _ => 100 };
        var least = new Option<int>("--at-least") { Description = "Exit with 1 when fewer answers are exact.", DefaultValueFactory = _ => 0 };
        var seed = new Option<ulong>("--seed") { Description = "Which questions.", DefaultValueFactory = _ => 2026 };
        var tinyWorld = new Command("tiny-world", "Held-out questions of the tiny world, exact match.") { url, model, baseline, count, least, seed };
        tinyWorld.SetAction(async (parsed, cancellationToken) =>
        {
            var questions = TinyWorld.Questions(TinyWorldSplit.HeldOut, parsed.GetValue(count), parsed.GetValue(seed));
            using var http = new HttpClient { BaseAddress = Address(parsed.GetRequiredValue(url)) };
            var examined = await ExamineAsync(http, parsed.GetRequiredValue(model), questions, cancellationToken);
            var other = parsed.GetValue(baseline) is { } name ? await ExamineAsync(http, name, questions, cancellationToken) : null;
            Print(examined, other);
            return examined.Exact >= parsed.GetValue(least) ? 0 : 1;
        });
        var command = EvalTasksVerb.Create();
        command.Add(tinyWorld);
        return command;
    }

    private static Uri Address(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
            ? address
            : throw ParleyException.InvalidRequest($"'--url {url}' is not a web address; give one such as http://127.0.0.1:8080.", "url");

    private static async Task<Examination> ExamineAsync(
        HttpClient http, string model, IReadOnlyList<TinyWorldQuestion> questions, CancellationToken cancellationToken)
    {
        const int atOnce = 8;
        var answers = new string[questions.Count];
        await Parallel.ForAsync(0, questions.Count, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, async (index, token) =>
            answers[index] = await ChatCompletion.AskAsync(http, model, questions[index].Question, token));
        return new Examination(model, questions, answers);
    }

    private static void Print(Examination examined, Examination? other)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("question", "expected", Markup.Escape(examined.Model));
        const int shown = 8;
        // Wrong answers first: they say more than right ones.
        foreach (var index in Enumerable.Range(0, examined.Questions.Count).OrderBy(examined.IsExact).Take(shown))
        {
            var question = examined.Questions[index];
            table.AddRow(
                Markup.Escape(question.Question),
                Markup.Escape(question.Answer),
                (examined.IsExact(index) ? "[green]" : "[red]") + Markup.Escape(examined.Answers[index]) + "[/]");
        }

        AnsiConsole.Write(table);
        Console.Out.WriteLine($"{examined.Model}: {examined.Exact} of {examined.Questions.Count} held-out questions exact");
        if (other is not null)
        {
            Console.Out.WriteLine($"{other.Model}: {other.Exact} of {other.Questions.Count}");
        }
    }

    private sealed record Examination(string Model, IReadOnlyList<TinyWorldQuestion> Questions, IReadOnlyList<string> Answers)
    {
        public int Exact => Enumerable.Range(0, Questions.Count).Count(IsExact);

        public bool IsExact(int index) => Answers[index].Trim() == Questions[index].Answer;
    }
}
