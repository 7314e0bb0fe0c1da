using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Testing;

namespace Parley.Inference.Tests.Constraints;

/// <summary>
/// Schemas as programs write them, with random instances, valid and not, judged by ajv: everything that an automaton lets through is valid, and
/// everything valid is let through, written with or without a space behind commas and colons.
/// </summary>
public sealed class SchemaJudgeTests
{
    private const int Walks = 8;
    private const int Samples = 14;
    private const int MutationsOfEach = 2;

    // More of everything, for a longer run: PARLEY_JUDGE_ROUNDS=3 judges about 150,000 instances.
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("PARLEY_JUDGE_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 1;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void EverySchemaAgreesWithTheJudge()
    {
        using var judge = SchemaJudge.Start();
        var (schemas, wrong, valid, invalid) = (0, new List<string>(), 0, 0);
        foreach (var line in File.ReadLines(Path.Combine(SchemaJudge.Folder, "schemas.jsonl")))
        {
            var (name, schema) = (JsonNode.Parse(line)!["name"]!.GetValue<string>(), JsonNode.Parse(line)!["schema"]!);
            using var document = JsonDocument.Parse(schema.ToJsonString());
            var constraint = ConstraintCompiler.FromJsonSchema(document.RootElement, ByteTokenizer.Instance);
            string[] instances = [.. Instances(schema, constraint, new Random(++schemas))];
            foreach (var (text, verdict) in instances.Zip(judge.Judge(schema, instances)))
            {
                (valid, invalid) = verdict is true ? (valid + 1, invalid) : (valid, invalid + 1);
                if (constraint.Accepts(Encoding.UTF8.GetBytes(text)) != (verdict is true))
                {
                    wrong.Add($"{name}: {(verdict is true ? "rejects the valid" : "accepts the invalid")} {text}");
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{schemas} schemas, {valid} valid and {invalid} invalid instances, {wrong.Count} wrong");
        Assert.True(schemas >= 300, $"There are {schemas} schemas.");
        Assert.True(valid > 10_000 && invalid > 3_000, $"{valid} valid and {invalid} invalid instances.");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(60).Prepend($"{wrong.Count} wrong of {valid} valid and {invalid} invalid:")));
    }

    private static IEnumerable<string> Instances(JsonNode schema, CompiledConstraint constraint, Random random)
    {
        var sampler = new InstanceSampler(schema, random);
        var walks = Enumerable.Range(0, Walks * Rounds).Select(_ => SchemaWalk.Take(constraint, random)).OfType<string>().ToArray();
        var values = walks.Where(IsOrdinary).Select(text => JsonNode.Parse(text)).Concat(Enumerable.Range(0, Samples * Rounds).Select(_ => sampler.Sample(schema))).ToArray();
        foreach (var walk in walks)
        {
            yield return walk;
        }

        foreach (var value in values)
        {
            foreach (var changed in Enumerable.Range(0, MutationsOfEach).Select(_ => InstanceMutation.Apply(value?.DeepClone(), random)).Prepend(value))
            {
                var compact = changed?.ToJsonString(Plain) ?? "null";
                yield return compact;
                yield return Spaced(compact);
            }
        }
    }

    // What a program could have read and written again: no name twice in an object, no digits beyond a double's, which would become an exponent.
    private static bool IsOrdinary(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return false;
        }

        var run = 0;
        return !text.Any(letter => (run = char.IsAsciiDigit(letter) ? run + 1 : 0) > 14);
    }

    private static string Spaced(string compact)
    {
        var (text, inString) = (new StringBuilder(), false);
        for (var i = 0; i < compact.Length; i++)
        {
            text.Append(compact[i]);
            if (inString && compact[i] == '\\')
            {
                text.Append(compact[++i]);
            }
            else if (compact[i] == '"')
            {
                inString = !inString;
            }
            else if (!inString && compact[i] is ',' or ':')
            {
                text.Append(' ');
            }
        }

        return text.ToString();
    }
}
