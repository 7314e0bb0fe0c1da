using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Host.Drills.Fuzzing;

namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>
/// Changes a JSON object in one to four places: other values of every type, members gone, doubled, foreign, moved; deep nesting, hostile forms.
/// The result may be JSON that .NET's own tree cannot hold (half surrogates, NaN, numbers without end). Pure in the generator's state.
/// </summary>
internal static class JsonMutator
{
    private const string Mark = "~raw~";

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "0.5", "-0.0", "128", "129", "64", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999999999", "1e308", "1e400", "-1e400", "1e-400", "1E+2", "0.9999999999", "NaN", "Infinity", "-", "01", "0x10", "\"\"", "\"a\"", "\"\\u0000\"", "\"\\ud83d\"", "\"\\ude00\\ud83d\"",
        "\"\\ud83d\\ude00\"", "\"<|im_end|>\"", "\"</think><tool_call>\"", "\"{{ 7*7 }}{% for %}\"", "\"text\"", "\"auto\"", "\"required\"", "\"none\"", "\"json_object\"", "\"user\"", "\"assistant\"", "\"tool\"",
        "\"bert\"", "\"cross\"", "\"tiny\"", "\"no-such-model\"", "\"bare\"", "[]", "{}", "[null]", "[[]]", "[{}]", "{\"\":null}", "[0]", "[5,6]", "[-1]", "[99999999]", "[\"a\"]", "[\"\"]", "[1,\"a\"]", "{\"a\":1,\"a\":2}",
        "{\"type\":\"text\"}", "{\"type\":\"function\"}", "{\"role\":\"user\",\"content\":\"x\"}", "{\"function\":{\"name\":\"f\"}}", "'single'", "undefined", "\"unterminated", "{", "]", "/* remark */ 1", "tru",
    ];

    private static readonly string[] Chunks = ["a", "the cat ", "é", "😀", "\\n", "\\\\", "\\u0000", "<|im_start|>", "{{", "日"];

    private static readonly string[] Names =
    [
        "model", "messages", "prompt", "input", "stream", "n", "best_of", "echo", "logprobs", "top_logprobs", "stop", "stop_token_ids", "seed", "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "min_p",
        "logit_bias", "tools", "tool_choice", "parallel_tool_calls", "response_format", "guided_regex", "guided_choice", "guided_grammar", "stream_options", "chat_template_kwargs", "priority", "user", "metadata", "suffix",
        "functions", "modalities", "audio", "dimensions", "encoding_format", "pooling", "query", "documents", "tokens", "content", "role", "tool_calls", "tool_call_id", "name", "title", "parent_id", "rating", "", "\u0000", "__proto__", "é😀",
    ];

    /// <param name="body">A good body.</param>
    /// <param name="other">Another good body, for foreign members.</param>
    public static string Apply(string body, string other, ref SplitMix random)
    {
        var root = JsonNode.Parse(body)!;
        var raws = new List<string>();
        for (var times = 1 + random.Next(4); times > 0; times--)
        {
            Once(root, JsonNode.Parse(other)!, raws, ref random);
        }

        var text = root.ToJsonString();
        for (var i = raws.Count - 1; i >= 0; i--)
        {
            text = text.Replace($"\"{Mark}{i}\"", raws[i], StringComparison.Ordinal);
        }

        return text;
    }

    private static void Once(JsonNode root, JsonNode other, List<string> raws, ref SplitMix random)
    {
        var places = Places(root);
        var (holder, name, index) = places[random.Next(places.Count)];
        switch (random.Next(8))
        {
            case 0 when name is not null:
                holder.AsObject().Remove(name);
                return;
            case 1:
                Foreign(root.AsObject(), other, ref random);
                return;
            case 2:
                root[Names[random.Next(Names.Length)]] = Raw(Value(ref random), raws);
                return;
            case 3 when name is not null:
                Misspell(holder.AsObject(), name, ref random);
                return;
            default:
                Set(holder, name, index, Raw(Value(ref random, name), raws));
                return;
        }
    }

    private static void Foreign(JsonObject root, JsonNode other, ref SplitMix random)
    {
        if (other is JsonObject { Count: > 0 } members)
        {
            var (name, value) = members.ElementAt(random.Next(members.Count));
            root[name] = value?.DeepClone();
        }
    }

    private static void Misspell(JsonObject holder, string name, ref SplitMix random)
    {
        var value = holder[name]?.DeepClone();
        holder.Remove(name);
        holder[random.Next(2) == 0 ? name + "_" : name.ToUpperInvariant()] = value;
    }

    private static void Set(JsonNode holder, string? name, int index, JsonNode value)
    {
        if (name is not null)
        {
            holder[name] = value;
        }
        else
        {
            holder[index] = value;
        }
    }

    // Where a form is expected, a hostile one often comes.
    private static string Value(ref SplitMix random, string? name = null) => (name, random.Next(4)) switch
    {
        ("schema" or "parameters", > 0) => Pick(HostileForms.Schemas, ref random),
        ("guided_regex", > 0) => Text(Pick(HostileForms.Patterns, ref random)),
        ("guided_grammar", > 0) => Text(Pick(HostileForms.Grammars, ref random)),
        _ => random.Next(12) switch
        {
            0 => Pick(HostileForms.Schemas, ref random),
            1 => Deep(1 + random.Next(random.Next(4) == 0 ? 3000 : 70), ref random),
            2 => "\"" + string.Concat(Enumerable.Repeat(Pick(Chunks, ref random), random.Next(random.Next(8) == 0 ? 20_000 : 40))) + "\"",
            3 => "[" + string.Join(',', Enumerable.Repeat(Values[random.Next(Values.Length)], random.Next(random.Next(8) == 0 ? 5000 : 20))) + "]",
            4 => "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\",\"schema\":" + Pick(HostileForms.Schemas, ref random) + "}}",
            5 => (random.Next(2000) - 1000).ToString(CultureInfo.InvariantCulture),
            _ => Values[random.Next(Values.Length)],
        },
    };

    private static string Deep(int depth, ref SplitMix random)
    {
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
        return string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
    }

    private static string Text(string value) => $"\"{JsonEncodedText.Encode(value)}\"";

    private static string Pick(IReadOnlyList<string> list, ref SplitMix random) => list[random.Next(list.Count)];

    private static JsonValue Raw(string text, List<string> raws)
    {
        raws.Add(text);
        return JsonValue.Create($"{Mark}{raws.Count - 1}");
    }

    /// <summary>Every member and element, at any depth.</summary>
    private static List<(JsonNode Holder, string? Name, int Index)> Places(JsonNode root)
    {
        var places = new List<(JsonNode, string?, int)>();
        var open = new Queue<JsonNode>([root]);
        while (open.TryDequeue(out var node))
        {
            (string? Name, int Index, JsonNode? Value)[] children = node switch
            {
                JsonObject members => [.. members.Select(member => ((string?)member.Key, -1, member.Value))],
                JsonArray items => [.. items.Select((item, i) => ((string?)null, i, item))],
                _ => [],
            };
            foreach (var (name, index, value) in children)
            {
                places.Add((node, name, index));
                if (value is JsonObject or JsonArray)
                {
                    open.Enqueue(value);
                }
            }
        }

        return places.Count > 0 ? places : [(root, "x", -1)];
    }
}
