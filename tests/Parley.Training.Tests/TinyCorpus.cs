using Parley.Testing;
using Parley.Text;
using Parley.Text.Shards;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>A small text with its tokenizer and shards in a temporary folder, as every stage's tests need it.</summary>
internal sealed class TinyCorpus : IDisposable
{
    private static readonly string[] Words = ["the", "cat", "dog", "sees", "a", "red", "blue", "ball", "and", "runs", "home", "now"];

    private readonly TemporaryFolder _folder = new();

    public TinyCorpus()
    {
        Tokenizer = new BpeTrainer().Train(Documents(), new BpeTrainerOptions { VocabularySize = 300 });
        Shards = _folder.File("shards");
        Write(ShardFolders.Train, Documents().Take(30));
        Write(ShardFolders.Validation, Documents().Skip(30));
        File.WriteAllBytes(Path.Combine(Shards, ShardFolders.TokenizerFile), Tokenizer.ToJson());
    }

    public BpeTokenizer Tokenizer { get; }

    /// <summary>The folder with train/, validation/ and tokenizer.json.</summary>
    public string Shards { get; }

    public string Place(string name) => _folder.File(name);

    /// <summary>40 documents of 60 words each, always the same.</summary>
    public static IEnumerable<string> Documents()
    {
        var state = 12345u;
        for (var document = 0; document < 40; document++)
        {
            var words = new List<string>();
            for (var i = 0; i < 60; i++)
            {
                state = (state * 1664525u) + 1013904223u;
                words.Add(Words[(state >> 16) % (uint)Words.Length]);
            }

            yield return string.Join(' ', words) + ".";
        }
    }

    /// <summary>A chat file of one line for each question and answer.</summary>
    public string Chat(string name, params (string Question, string Answer)[] turns)
    {
        var path = _folder.File(name);
        File.WriteAllLines(path, turns.Select(turn =>
            $$"""{"messages": [{"role": "user", "content": "{{turn.Question}}"}, {"role": "assistant", "content": "{{turn.Answer}}"}]}"""));
        return path;
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string part, IEnumerable<string> documents)
    {
        Directory.CreateDirectory(Shards);
        using var writer = new ShardWriter(Path.Combine(Shards, part), Tokenizer);
        foreach (var (index, text) in documents.Index()) writer.Append($"{part}/{index}", "MIT", text);
        writer.Complete();
    }
}
