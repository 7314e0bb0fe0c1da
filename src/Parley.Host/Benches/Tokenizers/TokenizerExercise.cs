using System.Diagnostics;
using System.Text;
using Parley.Host.Measurements;
using Parley.Text;

namespace Parley.Host.Benches.Tokenizers;

/// <summary>
/// Learning a vocabulary and encoding with it on one thread, beside the tokenizers that come by npm. All sides have the same tokenizer.json and documents
/// and take turns; no speed is printed for a side whose ids differ.
/// </summary>
internal sealed class TokenizerExercise : IExercise
{
    private const int Megabyte = 1_000_000;
    private const int TrainingMegabytes = 50;
    private const int SharedMegabytes = 4;
    private const int Vocabulary = 32_768;
    private const int LeastRounds = 5;
    private const double SecondsGoal = 60;
    private const double MemoryGoal = 2_000;
    private const double EncodingGoal = 40;

    public string Name => "tokenizer";

    public string Description => "BPE training of 50 MB, encoding on one thread, beside tiktoken and Hugging Face's two (about 4 minutes, --no-peer 20 seconds)";

    public async Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var (documents, name) = BenchText.Read(TrainingMegabytes * Megabyte);
        var rounds = Math.Max(LeastRounds, options.Rounds ?? LeastRounds);
        var (tokenizer, rows) = Train(documents, name, rounds, cancellationToken);
        rows.Add(EncodeAll(tokenizer, documents, name, rounds));
        if (!options.WithoutPeer)
        {
            rows.AddRange(await CompareAsync(tokenizer, name, rounds, cancellationToken));
        }

        return rows;
    }

    private static (BpeTokenizer Tokenizer, List<Measurement> Rows) Train(
        IReadOnlyList<string> documents, string name, int rounds, CancellationToken cancellationToken)
    {
        var options = new BpeTrainerOptions { VocabularySize = Vocabulary };
        var seconds = new List<double>();
        BpeTokenizer tokenizer = null!;
        for (var round = 0; round < rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            tokenizer = new BpeTrainer().Train(documents, options, cancellationToken);
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        using var process = Process.GetCurrentProcess();
        var (median, memory) = (Rounds.Median(seconds), process.PeakWorkingSet64 / (double)Megabyte);
        var what = $"train {TrainingMegabytes} MB of {name} to {Vocabulary:N0}, {Environment.ProcessorCount} threads";
        return (tokenizer,
        [
            new(what, "s", median, Goal: SecondsGoal, Ok: median <= SecondsGoal),
            new($"{what}: peak memory, text included", "MB", memory, Goal: MemoryGoal, Ok: memory <= MemoryGoal),
        ]);
    }

    private static Measurement EncodeAll(BpeTokenizer tokenizer, IReadOnlyList<string> documents, string name, int rounds)
    {
        var bytes = documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document));
        var seconds = Enumerable.Range(0, rounds + 1).Select(_ => Encode(tokenizer, documents).Seconds).Skip(1).ToArray();
        var speed = bytes / Rounds.Median(seconds) / Megabyte;
        return new($"encode {TrainingMegabytes} MB of {name}, one thread", "MB/s", speed, Goal: EncodingGoal, Ok: speed >= EncodingGoal);
    }

    private static async Task<List<Measurement>> CompareAsync(BpeTokenizer tokenizer, string name, int rounds, CancellationToken cancellationToken)
    {
        var (documents, _) = BenchText.Read(SharedMegabytes * Megabyte);
        var bytes = documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document));
        var (tokenizerFile, textFile) = (Path.Combine(Engines.BenchCache.Folder, "bench-tokenizer.json"), Path.Combine(Engines.BenchCache.Folder, "bench-documents.txt"));
        await File.WriteAllBytesAsync(tokenizerFile, tokenizer.ToJson(), cancellationToken);
        await File.WriteAllTextAsync(textFile, string.Join('\0', documents), cancellationToken);
        var peers = new List<TokenizerPeer>();
        try
        {
            foreach (var package in TokenizerPeer.Packages)
            {
                if (await TokenizerPeer.StartAsync(package, tokenizerFile, textFile, cancellationToken) is { } peer) peers.Add(peer);
            }

            var (ours, theirs) = (new List<double>(), peers.ConvertAll(_ => new List<double>()));
            for (var round = -1; round < rounds; round++)
            {
                var own = Encode(tokenizer, documents);
                if (round >= 0) ours.Add(own.Seconds);
                foreach (var (index, peer) in peers.Index())
                {
                    var other = await peer.EncodeAsync(cancellationToken);
                    if ((other.Count, other.Hash) != (own.Count, own.Hash))
                        throw new InvalidDataException($"{peer.Title} gives {other.Count:N0} ids and Parley {own.Count:N0}, or other ones: no speed is printed.");
                    if (round >= 0) theirs[index].Add(other.Seconds);
                }
            }

            return [.. peers.Select((peer, index) => Row(peer.Title, Rounds.Median(ours), Rounds.Median(theirs[index])))];
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }

        Measurement Row(string peer, double ours, double theirs) => new(
            $"encode {SharedMegabytes} MB of {name}, one thread, equal ids; peer: {peer}", "MB/s", bytes / ours / Megabyte, bytes / theirs / Megabyte, theirs / ours);
    }

    private static TokenizerRound Encode(BpeTokenizer tokenizer, IReadOnlyList<string> documents)
    {
        var started = Stopwatch.GetTimestamp();
        var all = new int[documents.Count][];
        for (var index = 0; index < all.Length; index++) all[index] = tokenizer.Encode(documents[index]);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var hash = 17;
        foreach (var id in all.SelectMany(ids => ids)) hash = unchecked((hash * 31) + id);
        return new(seconds, all.Sum(ids => (long)ids.Length), hash);
    }
}
