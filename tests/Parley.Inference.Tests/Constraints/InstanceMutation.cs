using System.Text.Json.Nodes;

namespace Parley.Inference.Tests.Constraints;

/// <summary>Changes one thing in a JSON value, keeping the order of its keys; what comes out may be valid or not.</summary>
internal static class InstanceMutation
{
    private static readonly string[] Texts = ["", "a", "b", "x", "abc", "zz", "foo", "A", "12345", "1234", "2024-02-30", "2024-02-29", "a@b.co", "é日", "US", "https://x.y/z", "10:20:30Z", "ab-12"];
    private static readonly double[] Numbers = [0, 1, -1, 2, 3, 5, 7, 10, 12, 15, 20, 42, 100, 101, 128, 255, 256, 1000, 0.5, -0.5, 0.1, 0.25, 1.5, 2.5, 99.95, 1e14, 1e-7];

    public static JsonNode? Apply(JsonNode? value, Random random)
    {
        if (value is JsonObject or JsonArray && random.Next(4) > 0)
        {
            return value is JsonObject members ? Inside(members, random) : Inside((JsonArray)value, random);
        }

        return value is null || random.Next(3) == 0 ? Any(random) : value.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.Number => Near(double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture), random),
            System.Text.Json.JsonValueKind.String => Near(value.GetValue<string>(), random),
            _ => Any(random),
        };
    }

    private static JsonObject Inside(JsonObject members, Random random)
    {
        var copy = members.DeepClone().AsObject();
        if (copy.Count > 0 && random.Next(4) > 0)
        {
            var name = copy.ElementAt(random.Next(copy.Count)).Key;
            if (random.Next(4) == 0)
            {
                copy.Remove(name);
            }
            else
            {
                copy[name] = Apply(copy[name]?.DeepClone(), random);
            }
        }
        else
        {
            copy.TryAdd("zz" + random.Next(3), Any(random));
        }

        return copy;
    }

    private static JsonArray Inside(JsonArray items, Random random)
    {
        var copy = items.DeepClone().AsArray();
        switch (copy.Count == 0 ? 0 : random.Next(4))
        {
            case 0:
                copy.Add(Any(random));
                break;
            case 1:
                copy.RemoveAt(random.Next(copy.Count));
                break;
            case 2:
                copy.Add(copy[random.Next(copy.Count)]?.DeepClone());
                break;
            default:
                var at = random.Next(copy.Count);
                copy[at] = Apply(copy[at]?.DeepClone(), random);
                break;
        }

        return copy;
    }

    private static JsonNode Near(double number, Random random) => random.Next(6) switch
    {
        0 => number + 1,
        1 => number - 1,
        2 => Math.Abs(number) < 1e15 ? number * 10 : number,
        3 => number + 0.5,
        4 => Math.Abs(number) < 1e15 ? Math.Round(number) + 0.0 : number,
        _ => number == 0 ? 1 : -number,
    };

    private static JsonNode Near(string text, Random random)
    {
        var at = text.Length == 0 ? 0 : random.Next(text.Length);
        return random.Next(5) switch
        {
            0 => WithoutHalves(text.Remove(at, Math.Min(1, text.Length))),
            1 => WithoutHalves(text.Insert(at, "a")),
            2 => text + Texts[random.Next(Texts.Length)],
            3 => WithoutHalves(text[..at]),
            _ => WithoutHalves(text.Insert(at, "7")),
        };
    }

    private static string WithoutHalves(string text) => string.Concat(text.EnumerateRunes().Where(rune => rune.Value != 0xFFFD));

    private static JsonNode? Any(Random random) => random.Next(8) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 or 3 => Numbers[random.Next(Numbers.Length)],
        4 or 5 => Texts[random.Next(Texts.Length)],
        6 => new JsonArray(),
        _ => new JsonObject(),
    };
}
