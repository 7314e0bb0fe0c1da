using System.Text;
using Parley.Host.Measurements;

namespace Parley.Host.Drills;

/// <summary>
/// kill -9 at random moments of a streaming answer. After the restart every character the client received is there, once; the answer is
/// marked interrupted; and Continue ends with the very text an undisturbed run with the same seed gives.
/// </summary>
internal sealed class KillChatDrill : IExercise
{
    private const int MaxTokens = 160;

    private static readonly string[] Questions =
        ["Tell me a story about a fox and the sea.", "Count from one to thirty.", "Write a long list of animals.", "Tell me a story about a little boat."];

    public string Name => "kill-chat";

    public string Description => "20 times kill -9 in the middle of a streaming answer, restart, compare, continue (about 2 minutes)";

    public async Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var model = options.Model ?? Serving.BundledModel.Require();
        var rounds = options.Rounds ?? 20;
        var data = Directory.CreateTempSubdirectory("parley-drill-").FullName;
        var random = new Random((int)options.Seed);
        var tally = new Tally();
        try
        {
            for (var round = 1; round <= rounds; round++)
            {
                var outcome = await RoundAsync(model, data, random, tally, cancellationToken);
                await Console.Error.WriteLineAsync($"round {round} of {rounds}: {outcome}");
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        return
        [
            Row("answers whose received text survived the kill", tally.Kept, rounds),
            Row("answers marked interrupted (or already complete)", tally.Marked, rounds),
            Row("continued answers equal to an undisturbed run", tally.Equal, rounds),
            new Measurement("kills that hit a streaming answer", "answers", tally.Interrupted, Goal: 1, Ok: tally.Interrupted > 0),
        ];
    }

    private static Measurement Row(string name, int ours, int rounds) => new(name, "answers", ours, Limit: rounds, Goal: rounds, Ok: ours == rounds);

    private static async Task<string> RoundAsync(string model, string data, Random random, Tally tally, CancellationToken cancellationToken)
    {
        var question = Questions[random.Next(Questions.Length)];
        var seed = (ulong)random.NextInt64();
        var received = new StringBuilder();
        string conversation, generation;

        // 1. Stream, and kill the server at a random piece.
        await using (var server = await ServerProcess.StartAsync(model, data, cancellationToken))
        {
            var page = new PageClient(server.Client);
            conversation = await page.NewConversationAsync(cancellationToken);
            generation = await page.SendAsync(conversation, question, seed, MaxTokens, cancellationToken);
            var last = random.Next(1, 40);
            await page.FollowAsync(generation, received, pieces => pieces >= last, cancellationToken);
            await server.KillAsync();
        }

        // 2. Restart: what was received is there, once, and marked.
        await using var again = await ServerProcess.StartAsync(model, data, cancellationToken);
        var client = new PageClient(again.Client);
        var answer = await client.AnswerAsync(conversation, cancellationToken);
        var (content, status) = ((string)answer["content"]!, (string)answer["status"]!);
        var kept = content.StartsWith(received.ToString(), StringComparison.Ordinal);
        tally.Kept += kept ? 1 : 0;
        tally.Marked += status is "interrupted" or "completed" ? 1 : 0;

        // 3. Continue, and compare with a run that nobody disturbed.
        var final = new StringBuilder(content);
        if (status == "interrupted")
        {
            tally.Interrupted++;
            await client.FollowAsync(await client.ContinueAsync(generation, cancellationToken), final, _ => false, cancellationToken);
        }

        var undisturbed = new StringBuilder();
        var other = await client.NewConversationAsync(cancellationToken);
        await client.FollowAsync(await client.SendAsync(other, question, seed, MaxTokens, cancellationToken), undisturbed, _ => false, cancellationToken);
        var equal = final.Equals(undisturbed);
        tally.Equal += equal ? 1 : 0;
        return $"{received.Length} characters received, {content.Length} kept ({status}), {final.Length} after Continue{(kept && equal ? "" : " - NOT EQUAL")}";
    }

    private sealed class Tally
    {
        public int Kept { get; set; }

        public int Marked { get; set; }

        public int Equal { get; set; }

        public int Interrupted { get; set; }
    }
}
