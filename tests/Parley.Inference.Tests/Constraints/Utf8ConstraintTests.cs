using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Parley.Inference.Tests.Constraints;

/// <summary>A constrained answer is valid UTF-8 whatever the model would write: no overlong forms, no surrogates, nothing past U+10FFFF.</summary>
public sealed class Utf8ConstraintTests
{
    private static readonly byte[] Ends = [0x80, 0x9F, 0xBF];

    public static TheoryData<string> Kinds { get; } = ["string", "bounded", "regex", "grammar"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_lead_and_second_byte_is_taken_exactly_where_it_begins_a_character(string kind)
    {
        var (constraint, before, after) = Make(kind);
        var wrong = new List<string>();
        for (var lead = 0x80; lead <= 0xFF; lead++)
        {
            for (var second = 0x40; second <= 0xFF; second++)
            {
                foreach (var end in Ends)
                {
                    var length = lead switch { < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
                    byte[] text = [.. before, (byte)lead, (byte)second, .. Enumerable.Repeat(end, length - 2), .. after];
                    if (constraint.Accepts(text) != Utf8.IsValid(text))
                    {
                        wrong.Add(Convert.ToHexString(text));
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    private static (CompiledConstraint Constraint, byte[] Before, byte[] After) Make(string kind) => kind switch
    {
        "string" => (Schema("""{"type":"string"}"""), [(byte)'"'], [(byte)'"']),
        "bounded" => (Schema("""{"type":"string","maxLength":3}"""), [(byte)'"'], [(byte)'"']),
        "regex" => (ConstraintCompiler.FromRegex(".*", ByteTokenizer.Instance), [], []),
        _ => (ConstraintCompiler.FromGrammar("root ::= [^x]*", ByteTokenizer.Instance), Encoding.ASCII.GetBytes("a"), Encoding.ASCII.GetBytes("b")),
    };

    private static CompiledConstraint Schema(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return ConstraintCompiler.FromJsonSchema(document.RootElement, ByteTokenizer.Instance);
    }
}
