using Parley.Host.Verbs;
using Parley.Testing;
using Parley.Text;
using Parley.Training;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Host.Tests;

/// <summary>Text in place of shards: made into shards once, for what it was, and not before the run it is for is known to be possible.</summary>
public sealed class TrainTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainTextTests() => File.WriteAllText(Text, string.Concat(Enumerable.Range(0, 60).Select(i => $"the cat sees ball {i}.\n\n")));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_text_is_made_into_shards_once()
    {
        var (options, tokenizer) = Prepare(Possible);
        var made = File.GetLastWriteTimeUtc(tokenizer);
        File.SetLastWriteTimeUtc(tokenizer, made.AddDays(-1));
        Prepare(Possible);
        Assert.Equal(made.AddDays(-1), File.GetLastWriteTimeUtc(tokenizer));
        Assert.Equal([Run.ShardsFolder], options.Data);
    }

    [Fact]
    public void Shards_of_other_text_or_another_vocabulary_are_made_anew_where_no_run_began_and_refused_where_one_did()
    {
        Prepare(Possible);
        File.AppendAllText(Text, "a dog too");
        var view = new Listener();
        var (_, tokenizer) = Prepare(Possible, view);
        Assert.Contains(view.Lines, line => line.EndsWith("it is made anew.", StringComparison.Ordinal));
        var before = File.ReadAllBytes(tokenizer);
        Prepare(Possible, vocabulary: 262);
        Assert.NotEqual(before, File.ReadAllBytes(tokenizer));

        File.WriteAllText(Run.ConfigFile, "{}");
        var error = Assert.Throws<InvalidDataException>(() => Prepare(Possible));
        Assert.Contains("holds a run on other text", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_the_options_is_told_before_text_is_tokenised()
    {
        foreach (var (options, shape, sentence) in new[]
        {
            (Possible with { Steps = 0 }, Shape, "--steps or --minutes"),
            (Possible with { Batch = 7, Shards = 4 }, Shape, "make it a multiple"),
            (Possible with { Dropout = 1 }, Shape, "--dropout"),
            (Possible, Shape with { Heads = 5 }, "heads"),
        })
        {
            var error = Assert.ThrowsAny<Exception>(() => Prepare(options, shape: shape));
            Assert.Contains(sentence, error.Message, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Throws<IOException>(() => Prepare(Possible with { Policy = new RunPolicy { KeepLast = int.MaxValue } }));
        Assert.False(Directory.Exists(Run.Path));
    }

    [Fact]
    public void Data_that_is_not_there_is_named()
    {
        var missing = _folder.File("missing.txt");
        Assert.StartsWith($"{missing} does not exist", Assert.Throws<InvalidDataException>(() => Prepare(Possible with { Data = [missing] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_JSON_lines_is_text()
    {
        var folder = Directory.CreateDirectory(_folder.File("texts")).FullName;
        File.WriteAllLines(Path.Combine(folder, "a.jsonl"), Enumerable.Range(0, 60).Select(i => $$"""{"id": "{{i}}", "text": "the cat sees ball {{i}}."}"""));
        var (options, _) = Prepare(Possible with { Data = [folder] });
        Assert.Equal([Run.ShardsFolder], options.Data);
    }

    [Fact]
    public void Shards_that_lie_there_keep_their_tokenizer()
    {
        var (options, tokenizer) = Prepare(Possible);
        var before = File.ReadAllBytes(tokenizer);
        var other = new BpeTrainer().Train(["another text altogether"], new BpeTrainerOptions { VocabularySize = 270 });
        var error = Assert.Throws<IOException>(() => new TextShards(other, options.Data[0], _ => { }).Write(() => TextSources.Of([Text], "MIT"), 0, default));
        Assert.Contains("exists already", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(tokenizer));
    }

    private string Text => _folder.File("text.txt");

    private RunFolder Run => new(_folder.File("run"));

    private static ModelShape Shape => new(Layers: 1, Hidden: 32, Heads: 2);

    private RunOptions Possible => new() { Out = Run.Path, Data = [Text], Context = 16, Batch = 8, Shards = 4, Steps = 2, Warmup = 1 };

    private (RunOptions Options, string Tokenizer) Prepare(RunOptions options, ITrainingView? view = null, ModelShape? shape = null, int vocabulary = 300) =>
        TrainText.Prepare(options, shape ?? Shape, Run, tokenizer: null, vocabulary, view ?? new Listener(), CancellationToken.None);

    private sealed class Listener : ITrainingView
    {
        public List<string> Lines { get; } = [];

        public void Say(string line) => Lines.Add(line);

        public void Show(TrainingProgress progress)
        {
        }
    }
}
