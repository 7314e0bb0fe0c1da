using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Parley.Host.Measurements;
using Parley.Inference;
using Parley.Text;

namespace Parley.Host.Benches;

/// <summary>
/// What structured output costs: compiling schemas, and the mask before each token, cold ones included, along random answers over vocabularies of
/// 32,000 and 152,000 tokens made of words, numbers, punctuation and pieces of JSON.
/// </summary>
internal sealed class MasksExercise : IExercise
{
    private const int AnswerTokens = 120;

    /// <summary>
    /// The same answer is made so often, each time compiled anew. Shown are all times as they were, and the least of each mask: what the machine did besides
    /// is in the first and not in the second.
    /// </summary>
    private const int Repeats = 5;

    private static readonly (int Size, double Goal)[] Vocabularies = [(32_000, 0.5), (152_000, 2)];

    private static readonly string[] Schemas =
    [
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":130},"email":{"type":"string","format":"email"},"tags":{"type":"array","items":{"type":"string"}}},"required":["name","age","email","tags"],"additionalProperties":false}""",
        """{"type":"array","minItems":3,"items":{"anyOf":[{"type":"object","properties":{"kind":{"const":"circle"},"radius":{"type":"number","exclusiveMinimum":0}},"required":["kind","radius"],"additionalProperties":false},{"type":"object","properties":{"kind":{"const":"box"},"width":{"type":"number"},"height":{"type":"number"}},"required":["kind","width","height"],"additionalProperties":false}]}}""",
        """{"$defs":{"node":{"type":"object","properties":{"label":{"type":"string","maxLength":40},"children":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["label","children"],"additionalProperties":false}},"$ref":"#/$defs/node"}""",
        """{"type":"object","properties":{"id":{"type":"string","format":"uuid"},"at":{"type":"string","format":"date-time"},"url":{"type":"string","format":"uri"},"text":{"type":"string","pattern":"[a-z]","minLength":10},"code":{"type":"string","pattern":"^[A-Z]{2}-\\d{4,8}$"}},"required":["id","at","url","text","code"],"additionalProperties":false}""",
        """{"type":"object"}""",
        """{"type":"object","additionalProperties":{"type":["string","number","null"]},"properties":{"title":{"type":"string"},"level":{"enum":["low","medium","high"]}},"required":["title"]}""",
    ];

    public string Name => "masks";

    public string Description => "structured output: compiling a schema, and one mask over 32k and 152k tokens (about 30 seconds)";

    public Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var rows = new List<Measurement>();
        foreach (var (size, goal) in Vocabularies)
        {
            var tokenizer = new MadeVocabulary(size);
            Measure(tokenizer, 1, options.Seed, cancellationToken);
            var collections = GC.CollectionCount(0);
            var (all, least, allocated) = Measure(tokenizer, options.Rounds ?? 6, options.Seed + 1, cancellationToken);
            rows.Add(Row($"one mask of {size:N0} tokens, p50", all.Masks, 0.5, null));
            rows.Add(Row($"one mask of {size:N0} tokens, p99", all.Masks, 0.99, goal));
            rows.Add(Row($"one mask of {size:N0} tokens, p99 of the least of {Repeats}", least.Masks, 0.99, goal));
            rows.Add(Row($"compiling a schema for {size:N0} tokens, p99", all.Compiles, 0.99, 50));
            rows.Add(new($"garbage collections in {all.Masks.Count:N0} masks of {size:N0} tokens", "", GC.CollectionCount(0) - collections));
            rows.Add(new($"allocated for one mask of {size:N0} tokens", "kB", allocated / 1024.0 / all.Masks.Count));
        }

        return Task.FromResult<IReadOnlyList<Measurement>>(rows);
    }

    private static (Times All, Times Least, long Allocated) Measure(MadeVocabulary tokenizer, int rounds, ulong seed, CancellationToken cancellationToken)
    {
        var (all, least, allocated) = (new Times([], []), new Times([], []), 0L);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var schema in Schemas)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var document = JsonDocument.Parse(schema);
                var runs = Enumerable.Range(0, Repeats).Select(_ => Run(document.RootElement, tokenizer, new Random((int)seed + round))).ToArray();
                all.Compiles.AddRange(runs.Select(run => run.Compile));
                all.Masks.AddRange(runs.SelectMany(run => run.Masks));
                least.Compiles.Add(runs.Min(run => run.Compile));
                least.Masks.AddRange(runs[0].Masks.Select((_, i) => runs.Min(run => run.Masks[i])));
                allocated += runs.Sum(run => run.Allocated);
            }
        }

        return (all, least, allocated);
    }

    private static (double Compile, List<double> Masks, long Allocated) Run(JsonElement schema, MadeVocabulary tokenizer, Random random)
    {
        var started = Stopwatch.GetTimestamp();
        var compiled = ConstraintCompiler.FromJsonSchema(schema, tokenizer);
        var time = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var (masks, logits) = (new List<double>(AnswerTokens), new float[tokenizer.VocabularySize]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Answer(compiled, logits, random, masks);
        return (time, masks, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Answer(CompiledConstraint compiled, float[] logits, Random random, List<double> masks)
    {
        var constraint = compiled.Start([0]);
        for (var i = 0; i < AnswerTokens; i++)
        {
            Array.Clear(logits);
            var started = Stopwatch.GetTimestamp();
            constraint.Mask(logits);
            masks.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            var token = random.Next(logits.Length);
            while (logits[token] < 0)
            {
                token = (token + 1) % logits.Length;
            }

            if (token == 0)
            {
                return;
            }

            constraint.Accept(token);
        }
    }

    private static Measurement Row(string name, List<double> times, double share, double? goal)
    {
        times.Sort();
        var time = times[Math.Min(times.Count - 1, (int)(share * times.Count))];
        return new Measurement(name, "ms", time, Goal: goal, Ok: goal is null || time <= goal);
    }

    /// <summary>In milliseconds.</summary>
    private sealed record Times(List<double> Compiles, List<double> Masks);

    /// <summary>Tokens as byte-level vocabularies have them: all bytes, pieces of JSON, numbers, and made-up words with and without a space.</summary>
    private sealed class MadeVocabulary : Tokenizer
    {
        private static readonly string[] Syllables =
            "a an ar at be ca co de di el en er es ex fi ga ge ha he in ing is it ka la le li lo ma me mi na ne no o on or pa pe ra re ri ro sa se si ta te ti to tion u un ver vi wa é ö 日 本 人 и на ро".Split(' ');

        private static readonly string[] Pieces =
            ["{\"", "\":", "\": ", "\",", "\", ", "\"}", "},", "}, {", "]}", "}}", "[]", "{}", "\"\"", "null", "true", "false", " \"", "\":\"", "\",\"", "\"],", "\\n", "\\\"", "\\u", "://", "```", "\n\n", "  ", "    "];

        private readonly byte[][] _bytes;

        public MadeVocabulary(int size)
        {
            var known = new HashSet<string>(Pieces.Concat(Enumerable.Range(0, 1000).Select(number => number.ToString(CultureInfo.InvariantCulture))), StringComparer.Ordinal);
            var random = new Random(size);
            while (known.Count < size - 257)
            {
                var word = string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Syllables[random.Next(Syllables.Length)]));
                word = random.Next(5) == 0 ? char.ToUpperInvariant(word[0]) + word[1..] : word;
                known.Add((random.Next(2) == 0 ? " " : "") + word + (random.Next(12) == 0 ? ".,;:!?\"'()\\/-_"[random.Next(14)] : ""));
            }

            _bytes = [[], .. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. known.Select(System.Text.Encoding.UTF8.GetBytes)];
        }

        public override int VocabularySize => _bytes.Length;

        public override SpecialTokens Special { get; } = new(new Dictionary<string, int>(StringComparer.Ordinal) { [SpecialTokens.EndOfTextName] = 0 });

        public override string Hash => $"made {VocabularySize}";

        public override int[] Encode(string text) => Encode(System.Text.Encoding.UTF8.GetBytes(text));

        public override int[] Encode(ReadOnlySpan<byte> utf8) => [.. utf8.ToArray().Select(value => value + 1)];

        public override ReadOnlySpan<byte> TokenBytes(int id) => _bytes[id];
    }
}
