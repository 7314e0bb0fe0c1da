using Parley.Inference;
using Parley.Training.Evaluation.Scoring;
using Parley.Training.Evaluation.Tasks;

namespace Parley.Training.Tests.Evaluation;

/// <summary>Log-likelihoods against a forward pass of their own, and the same bits whatever the batch, the order, the chunks and the prefix cache.</summary>
public sealed class LikelihoodScorerTests
{
    private const string Long = "the red cat sees a blue ball and the dog runs home now and the cat sees the red dog and a";

    private static readonly TextPair[][] Questions =
    [
        [new(Long, " ball"), new(Long, " red dog now"), new(Long, " home")],
        [new("the cat", " runs"), new("the dog", " runs")],
        [new("", "a blue ball"), new("", "now")],
        [new(Long + " now the ball", " runs home"), new(Long + " now the cat", " runs home")],
    ];

    [Fact]
    public async Task A_score_is_the_sum_that_a_forward_pass_gives()
    {
        await using var tiny = new TinyExaminee();
        var scorer = new LikelihoodScorer(tiny.Model, tiny.Engine);
        foreach (var question in Questions)
        {
            var scores = await scorer.ScoreAsync(question, needsGreedy: false, CancellationToken.None);
            foreach (var (pair, score) in question.Zip(scores))
            {
                int[] context = tiny.Tokenizer.Encode(pair.Context), whole = tiny.Tokenizer.Encode(pair.Context + pair.Continuation);
                int[] ids = context.Length == 0 ? [tiny.Model.DocumentStart!.Value, .. whole] : whole;
                var first = Math.Max(1, context.Length);
                Assert.Equal(tiny.Forward(ids).Skip(first - 1).Sum(), score.LogLikelihood, 2e-3);
            }
        }
    }

    [Fact]
    public async Task Where_all_tokens_are_equally_likely_a_score_is_known_without_a_computer()
    {
        await using var tiny = new TinyExaminee(scale: 0);
        var score = (await new LikelihoodScorer(tiny.Model, tiny.Engine).ScoreAsync([new("the cat", " sees")], needsGreedy: false, CancellationToken.None))[0];
        var tokens = tiny.Tokenizer.Encode("the cat sees").Length - tiny.Tokenizer.Encode("the cat").Length;
        Assert.Equal(-tokens * Math.Log(tiny.Model.Config.VocabularySize), score.LogLikelihood, 1e-4);
    }

    [Fact]
    public async Task Scores_have_the_same_bits_for_any_batch_order_chunk_and_cache()
    {
        await using var alone = new TinyExaminee(new EngineOptions { MaxSequences = 1, PrefixCache = false });
        var expected = new List<PairScore[]>();
        foreach (var question in Questions) expected.Add(await Score(alone, question));

        foreach (var options in new[] { new EngineOptions { MaxSequences = 16 }, new EngineOptions { MaxSequences = 3, PrefillChunk = 5, MaxBatchTokens = 16 } })
        {
            await using var tiny = new TinyExaminee(options);
            var together = await Task.WhenAll(Questions.Reverse().Select(question => Score(tiny, question)));
            Assert.Equal(expected, together.Reverse());
        }

        static Task<PairScore[]> Score(TinyExaminee tiny, TextPair[] question) =>
            new LikelihoodScorer(tiny.Model, tiny.Engine).ScoreAsync(question, needsGreedy: true, CancellationToken.None);
    }

    [Fact]
    public async Task What_the_answers_share_is_computed_once()
    {
        await using var tiny = new TinyExaminee();
        await new LikelihoodScorer(tiny.Model, tiny.Engine).ScoreAsync(Questions[0], needsGreedy: false, CancellationToken.None);
        var request = new EngineRequest
        {
            Prompt = tiny.Tokenizer.Encode(Long + " now"), Sampling = new() { Seed = 0 }, MaxOutputTokens = 0, PromptLogProbabilities = 0, PromptScoresFrom = 20,
        };
        await foreach (var output in tiny.Engine.Submit(request).ReadAllAsync()) Assert.Equal(16, output.CachedTokens);
    }

    [Fact]
    public async Task A_text_longer_than_the_context_loses_its_beginning_and_says_so()
    {
        await using var tiny = new TinyExaminee();
        var longer = string.Concat(Enumerable.Repeat(Long + " ", 12));
        var score = (await new LikelihoodScorer(tiny.Model, tiny.Engine).ScoreAsync([new(longer.TrimEnd(), " ball")], needsGreedy: true, CancellationToken.None))[0];
        var ids = tiny.Tokenizer.Encode(longer.TrimEnd() + " ball");
        Assert.True(score.IsTruncated);
        Assert.Equal(tiny.Forward(ids[^(tiny.Engine.ContextLength - 1)..])[^1], score.LogLikelihood, 2e-3);
    }

    [Fact]
    public async Task Bits_per_byte_score_every_token_once()
    {
        await using var tiny = new TinyExaminee(scale: 0);
        var ids = tiny.Tokenizer.Encode(string.Join(' ', Enumerable.Repeat(Long, 9)));
        var metric = await new TextBits(tiny.Model, new LikelihoodScorer(tiny.Model, tiny.Engine)).MeasureAsync([ids], 4, 1, CancellationToken.None);
        var bytes = ids.Sum(id => tiny.Tokenizer.TokenBytes(id).Length);
        Assert.Equal(ids.Length * Math.Log2(tiny.Model.Config.VocabularySize) / bytes, metric.Value, 1e-4);
        Assert.InRange(metric.Value, metric.Low, metric.High);
    }
}
