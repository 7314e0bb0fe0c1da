using System.Text;
using Parley.Inference;
using Parley.Models;
using Parley.Text;

namespace Parley.Host.Tests.Conformance;

/// <summary>
/// A model that says what a test has written: every piece of a line is a token of its own, and the weights make each follow the one before it with
/// certainty. The last word of the prompt chooses the line. All else is real: template, engine, sampler, detokenizer.
/// </summary>
internal static class Reciter
{
    /// <summary>Shows all that a template may be given; its comment makes it one that knows thoughts.</summary>
    private const string Template =
        "{#- <think> </think> -#}{% if tools %}{{ '<tool_call>' }}{{ tools | tojson }}{% endif %}" +
        "{% for m in messages %}<|im_start|>{{ m.role + ':' + m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}<|im_end|>{% endfor %}" +
        "{{ messages[-1].content.split(' ')[-1] }}";

    /// <summary>Cue, then the pieces. Letters are bytes, up to U+00FF, so a piece may end in the middle of a character.</summary>
    private static readonly string[][] Lines =
    [
        ["HELLO", "Hel", "lo", ", ", "wor", "ld", "!", "<|im_end|>"],
        ["STOPS", "one ", "S", "TO", "P two", "<|im_end|>"],
        ["EMOJI", "caf", "\u00C3", "\u00A9", " ", "\u00F0\u009F", "\u0098", "\u0080", "!", "<|im_end|>"],
        ["BROKEN", "a", "\u00F0\u009F", "b", "\u00FF", "\u00FE", "c", "<|im_end|>"],
        ["THINK", "<think>", "\nTwo ", "and two.", "\n</th", "ink>\n\n", "Fo", "ur.", "<|im_end|>"],
        ["CONTROL", "x", "<|im_start|>"],
        ["WEATHER", "<tool", "_call>\n", "{\"name\": \"get_", "weather\", \"argu", "ments\": {\"city\"", ": \"Paris, the city of light", "s\"}}", "\n</tool_call>", "<|im_end|>"],
        ["TWICE", "Both. ", "<tool_call>{\"name\":\"now\",\"arguments\":{}}", "</tool_call>\n<tool_", "call>{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Rome\"}}", "</tool_call>", "<|im_end|>"],
        ["LOOKALIKE", "<tool_call>", "{\"name\": \"rm\", \"arguments\": {}}", "</tool_call>", "<|im_end|>"],
        ["PLAN", "<think>", "Ask.", "</think>", "<tool_call>", "{\"name\": \"now\"}", "</tool_call>", "<|im_end|>"],
    ];

    public static string[] Pieces(string cue) => Lines.Single(line => line[0] == cue)[1..];

    public static LoadedModel Create()
    {
        var tokenizer = new PieceTokenizer(Lines);
        var config = new ModelConfig
        {
            VocabularySize = tokenizer.VocabularySize,
            HiddenSize = (tokenizer.VocabularySize + 31) / 32 * 32,
            IntermediateSize = 32,
            Layers = 1,
            Heads = 2,
            KVHeads = 1,
            HeadDim = 16,
            ContextLength = 1024,
        };
        var decoder = Models.Decoder.Initialize(config, 1);
        foreach (var parameter in decoder.Parameters.Where(parameter => parameter.Value.Shape.Rank == 2))
        {
            var (values, width) = (new float[parameter.Value.Shape.Count], parameter.Value.Shape.Last);
            for (var token = 0; token < config.VocabularySize && parameter.Value.Shape.Rows == config.VocabularySize; token++)
            {
                // A one for the token itself, and in the head at the token that it follows.
                values[parameter == decoder.Head ? (tokenizer.After(token) * width) + token : (token * width) + token] = parameter == decoder.Head ? 8 : 1;
            }

            parameter.Value.CopyFrom(values);
            parameter.MarkChanged();
        }

        var vocabulary = ModelVocabulary.Of(tokenizer) with { Template = new ChatTemplateSource(Template), EndTokens = [PieceTokenizer.ImEnd] };
        return new LoadedModel("reciter", decoder, tokenizer, vocabulary);
    }

    /// <summary>Bytes, control tokens and pieces; a text's longest piece wins.</summary>
    private sealed class PieceTokenizer : Tokenizer
    {
        public const int ImEnd = 258;
        private readonly List<byte[]> _bytes = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), [], [], []];
        private readonly Dictionary<int, int> _after = [];
        private readonly Dictionary<string, int> _cues = new(StringComparer.Ordinal);

        public PieceTokenizer(string[][] lines)
        {
            foreach (var line in lines)
            {
                _cues[line[0]] = _bytes.Count;
                var before = Add(line[0]);
                foreach (var piece in line[1..])
                {
                    var id = Special.TryGet(piece, out var control) ? control : Add(piece);
                    (_after[before], before) = (id, id);
                }
            }
        }

        public override int VocabularySize => _bytes.Count;

        public override SpecialTokens Special { get; } = new(new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["<|endoftext|>"] = 256, ["<|im_start|>"] = 257, ["<|im_end|>"] = ImEnd,
        });

        public override string Hash => "reciter";

        public int After(int token) => _after.GetValueOrDefault(token, ImEnd);

        public override int[] Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

        public override int[] Encode(ReadOnlySpan<byte> utf8)
        {
            var ids = new List<int>();
            while (!utf8.IsEmpty)
            {
                var rest = Encoding.UTF8.GetString(utf8);
                var cue = _cues.Keys.FirstOrDefault(cue => rest.StartsWith(cue, StringComparison.Ordinal));
                ids.Add(cue is null ? utf8[0] : _cues[cue]);
                utf8 = utf8[(cue?.Length ?? 1)..];
            }

            return [.. ids];
        }

        public override ReadOnlySpan<byte> TokenBytes(int id) => _bytes[id];

        // Letters up to U+00FF are bytes.
        private int Add(string piece)
        {
            _bytes.Add(Encoding.Latin1.GetBytes(piece));
            return _bytes.Count - 1;
        }
    }
}
