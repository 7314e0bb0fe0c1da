using System.Text.Json.Nodes;

namespace Parley.Inference.Tests.Constraints;

/// <summary>
/// Values that a schema seems to ask for, made from its keywords without any automaton: mostly valid, keys in the schema's order. It looks at what
/// is easy to follow and leaves the verdict to the judge.
/// </summary>
internal sealed class InstanceSampler(JsonNode root, Random random)
{
    private static readonly Dictionary<string, string[]> Formats = new(StringComparer.Ordinal)
    {
        ["date"] = ["2024-02-29", "1999-12-31", "2023-02-29", "0001-01-01"],
        ["time"] = ["10:20:30Z", "23:59:59.125+02:00", "24:00:00Z", "10:20:30"],
        ["date-time"] = ["2024-05-01T10:20:30Z", "1990-01-01T00:00:00.5-08:00", "2024-05-01", "2024-05-01t10:20:30z"],
        ["email"] = ["a@b.co", "first.last+tag@mail.example.org", "a@b", "@b.co", "a..b@c.de"],
        ["uuid"] = ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000", "123e4567"],
        ["uri"] = ["https://example.com/a?b=c#d", "mailto:x@y.z", "http://[::1]:80/", "/relative", "https://a b", "urn:isbn:123"],
        ["ipv4"] = ["127.0.0.1", "255.255.255.255", "256.1.1.1", "1.2.3"],
        ["ipv6"] = ["::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::2::3", "g::"],
        ["hostname"] = ["example.com", "a-b.c", "-a.com", "localhost"],
        ["duration"] = ["P1Y2M3DT4H5M6S", "PT5M", "P3W", "P", "PT"],
    };

    private static readonly string[] Words =
        ["", "a", "abc", "Anna Smith", "INV-2024", "ABC", "12A", "123456789X", "x", "hello \"you\"\n", "日本", "a-b", "#ff00aa", "v1.2.3", "+491234567", "DE", "12345", "555-123-4567", "img.png", "yes", "/a/b", "😀", "ababab"];

    public JsonNode? Sample(JsonNode? schema, int depth = 0)
    {
        if (schema is not JsonObject keywords || depth > 8)
        {
            return random.Next(3) switch { 0 => null, 1 => random.Next(100), _ => "x" };
        }

        if (keywords["const"] is { } constant)
        {
            return constant.DeepClone();
        }

        if (keywords["enum"] is JsonArray values)
        {
            return values[random.Next(values.Count)]?.DeepClone();
        }

        var all = Together(keywords);
        return (all.Type ?? keywords["type"] switch { JsonArray types => (string?)types[random.Next(types.Count)], { } one => (string?)one, null => Guess(all) }) switch
        {
            "object" => Object(all, depth),
            "array" => Array(keywords, depth),
            "integer" => IsFree(keywords) && random.Next(12) == 0 ? random.Next(-9, 10) * 2.5e21 : Math.Round(Number(keywords, 1)),
            "number" => Number(keywords, random.Next(3) == 0 ? 1 : 0.25),
            "boolean" => random.Next(2) == 0,
            "null" => null,
            "string" => Text(keywords),
            _ => all.Branch is { } branch ? Sample(branch, depth + 1) : "x",
        };
    }

    private static string? Guess(Gathered all) => all.Properties.Count > 0 ? "object" : null;

    // The keywords of the schema, of what it refers to, and of one branch of each choice, in the order in which they stand.
    private Gathered Together(JsonObject keywords)
    {
        var all = new Gathered();
        Gather(keywords, all, 0);
        return all;
    }

    private void Gather(JsonObject keywords, Gathered all, int depth)
    {
        if (depth > 6)
        {
            return;
        }

        foreach (var (name, value) in keywords["properties"]?.AsObject() ?? [])
        {
            all.Properties.TryAdd(name, value);
        }

        all.Required.UnionWith((keywords["required"] as JsonArray ?? []).Select(name => (string)name!));
        all.Extra ??= keywords["additionalProperties"] ?? (keywords["patternProperties"] is null && keywords["propertyNames"] is null ? null : JsonValue.Create(false));
        foreach (var (name, value) in keywords.Where(keyword => keyword.Key is "$ref" or "allOf" or "anyOf" or "oneOf" or "then" or "else").ToArray())
        {
            var branches = name switch { "$ref" => [Resolve((string)value!)], "allOf" => value!.AsArray().ToArray(), "then" or "else" => random.Next(2) == 0 ? [value] : [], _ => [value!.AsArray()[random.Next(value.AsArray().Count)]] };
            foreach (var branch in branches.OfType<JsonObject>())
            {
                all.Branch = branch;
                all.Type ??= branch["type"] is JsonValue type && (string)type! == "object" && keywords["type"] is null ? "object" : null;
                Gather(branch, all, depth + 1);
            }
        }
    }

    private JsonObject Object(Gathered all, int depth)
    {
        var made = new JsonObject();
        foreach (var (name, value) in all.Properties)
        {
            if (all.Required.Contains(name) ? random.Next(30) > 0 : random.Next(2) == 0)
            {
                made[name] = Sample(value, depth + 1);
            }
        }

        foreach (var name in all.Required.Where(name => !all.Properties.ContainsKey(name)))
        {
            made[name] = Sample(null, depth);
        }

        for (var i = random.Next(3); i > 0 && all.Extra is JsonObject; i--)
        {
            made.TryAdd("k" + i, Sample(all.Extra, depth + 1));
        }

        return made;
    }

    private JsonArray Array(JsonObject keywords, int depth)
    {
        var made = new JsonArray();
        var prefix = keywords["prefixItems"] as JsonArray ?? [];
        var (least, most) = ((int?)keywords["minItems"] ?? 0, (int?)keywords["maxItems"] ?? prefix.Count + 3);
        var count = Math.Max(0, least + random.Next(-1, Math.Max(1, Math.Min(most - least, 4)) + 1));
        for (var i = 0; i < Math.Min(count, depth > 5 ? least : 20); i++)
        {
            made.Add(i < prefix.Count ? Sample(prefix[i], depth + 1) : Sample(keywords["items"], depth + 1));
        }

        return made;
    }

    private static bool IsFree(JsonObject keywords) => !keywords.Any(keyword => keyword.Key.Contains("inimum", StringComparison.Ordinal) || keyword.Key.Contains("aximum", StringComparison.Ordinal) || keyword.Key is "multipleOf" or "format");

    private double Number(JsonObject keywords, double step)
    {
        var least = (double?)(keywords["minimum"] ?? keywords["exclusiveMinimum"]) ?? -50;
        var most = (double?)(keywords["maximum"] ?? keywords["exclusiveMaximum"]) ?? Math.Max(least, 0) + 500;
        step = (double?)keywords["multipleOf"] ?? step;
        var number = random.Next(5) switch { 0 => least, 1 => most, _ => least + (random.NextDouble() * (most - least)) };
        return Math.Abs(number) > 1e15 ? number : (Math.Round(number / step) * step) + 0.0;
    }

    private string Text(JsonObject keywords)
    {
        if (keywords["format"] is { } format && Formats.TryGetValue((string)format!, out var samples))
        {
            return samples[random.Next(samples.Length)];
        }

        var word = Words[random.Next(Words.Length)];
        var least = (int?)keywords["minLength"] ?? 0;
        return keywords["pattern"] is null && word.Length < least ? word.PadRight(least, 'é') : word;
    }

    private JsonNode? Resolve(string reference)
    {
        var at = root;
        foreach (var step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = at?[step];
        }

        return at;
    }

    private sealed class Gathered
    {
        public string? Type { get; set; }

        public OrderedDictionary<string, JsonNode?> Properties { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Required { get; } = new(StringComparer.Ordinal);

        public JsonNode? Extra { get; set; }

        public JsonNode? Branch { get; set; }
    }
}
