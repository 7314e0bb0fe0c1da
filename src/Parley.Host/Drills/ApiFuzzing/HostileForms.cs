namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>Forms for answers that are hard on whoever compiles them: recursion without end, numbers out of all proportion, patterns that explode, grammars that go nowhere.</summary>
internal static class HostileForms
{
    public static IReadOnlyList<string> Schemas { get; } =
    [
        "true", "false", "{}", "[]", "null", "7", "\"x\"",
        """{"$ref":"#"}""", """{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""", """{"$ref":"#/nowhere"}""", """{"$ref":"https://example.com/x"}""",
        """{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"],"additionalProperties":false}""",
        """{"type":"array","items":{"$ref":"#"},"minItems":3}""",
        """{"type":"string","minLength":1000000000}""", """{"type":"string","maxLength":2147483647}""", """{"type":"string","minLength":5,"maxLength":2}""", """{"type":"string","maxLength":-1}""",
        """{"type":"string","minLength":1e400}""", """{"type":"array","minItems":100000,"items":{"type":"integer"}}""", """{"type":"array","uniqueItems":true,"items":{"type":"string"}}""",
        """{"type":"string","pattern":"(a*)*b"}""", """{"type":"string","pattern":"(a|aa)+$"}""", """{"type":"string","pattern":"[a-z]{1,5000}"}""", """{"type":"string","pattern":"(?<=x)y"}""",
        """{"type":"string","pattern":"^(?!.*(.).*\\1).*$"}""", """{"type":"string","pattern":"("}""", """{"type":"string","pattern":"\\p{L}{1,200}\\P{L}{1,200}"}""", """{"type":"string","pattern":"((((((((a?){20}){20}){20}){20})))))"}""",
        """{"type":"string","format":"regex"}""", """{"type":"string","format":"date-time","pattern":"^2","minLength":20}""",
        """{"type":"integer","minimum":1e308,"maximum":-1e308}""", """{"type":"number","multipleOf":1e-300}""", """{"type":"number","multipleOf":0}""", """{"type":"integer","multipleOf":999983,"minimum":1}""",
        """{"type":"integer","minimum":99999999999999999999999999,"maximum":99999999999999999999999999999}""", """{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1e-320}""",
        """{"enum":[]}""", """{"enum":[1,1]}""", """{"const":{"a":[{"b":null}]}}""", """{"type":[]}""", """{"type":["string","string"]}""", """{"type":"object","required":["a","a"],"properties":false}""",
        """{"not":{}}""", """{"not":{"not":{"not":{"type":"string"}}}}""", """{"oneOf":[{"type":"string"},{"maxLength":3}]}""", """{"allOf":[{"type":"string"},{"type":"integer"}]}""",
        """{"anyOf":[{"anyOf":[{"anyOf":[{"anyOf":[]}]}]}]}""", """{"type":"object","patternProperties":{"(":{}}}""", """{"type":"object","patternProperties":{"^a":{"type":"string"},"b$":{"type":"integer"}}}""",
        """{"type":"object","minProperties":50,"maxProperties":3}""", """{"type":"object","propertyNames":{"pattern":"^[a-z]{3}$"},"minProperties":2}""", """{"type":"object","additionalProperties":{"$ref":"#"}}""",
        """{"if":{"type":"string"},"then":{"minLength":1},"else":{"minimum":1}}""", """{"type":"object","dependentSchemas":{"a":{"required":["b"]}}}""", """{"unevaluatedProperties":false}""", """{"$dynamicRef":"#x"}""",
        """{"type":"object","properties":{"a":{"type":"string"}},"$id":"x","$schema":"y","$comment":7,"title":[],"description":{}}""",
        $$"""{"enum":[{{string.Join(',', Enumerable.Range(0, 5000))}}]}""",
        """{"type":"object","properties":{""" + string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"p{i}\":true")) + "}}",
        string.Concat(Enumerable.Repeat("""{"anyOf":[""", 25)) + "{}" + string.Concat(Enumerable.Repeat("]}", 25)),
        """{"allOf":[""" + string.Join(',', Enumerable.Range(0, 40).Select(Part)) + "]}",
    ];

    public static IReadOnlyList<string> Patterns { get; } =
    [
        "", "a", ".*", "(a*)*", "(a+)+$", "[", "[^\\u0000-\\uffff]", "a{1000000}", "(a{1,100}){1,100}", "\\1", "(?=a)b", "(?i)a", "\\b", "^$", "$^", "a|", "|", "(|)", "[\\d\\D]", "\\p{Greek}+", "x{5,2}", "*", "\\",
        "[z-a]", "\\u{110000}", "\\ud800", "(((((((((((((((((((((a)))))))))))))))))))))", "(.|\\n){0,4000}", "[^a]", "\\x", "😀{2}", "(?<n>a)\\k<n>",
    ];

    public static IReadOnlyList<string> Grammars { get; } =
    [
        "", "root", "root ::=", "root ::= \"a\"", "root ::= root", "root ::= root root", "root ::= root root | \"a\"", "root ::= a\na ::= b\nb ::= a", "root ::= \"a\" root | \"b\"", "root ::= [a-", "root ::= [^]*",
        "root ::= ((((\"a\"*)*)*)*)*", "root ::= x", "root ::= \"\\u\"", "root ::= \"\\ud800\"", "root ::= ( ( (", "root ::= \"a\"{1,100000}", "root ::= ([a-z] [a-z]?){50}", "a ::= \"a\"", "root ::= \"a\"\nroot ::= \"b\"",
        "root ::= \"a\"? \"a\"? \"a\"? \"a\"? \"a\"? \"a\"? \"a\"? \"a\"? \"aaaaaaaa\"", "start: \"a\" | /b+/", "root ::= \"unterminated", "# only a remark", "root ::= e\ne ::= e \"+\" e | \"(\" e \")\" | [0-9]+", "::= \"a\"",
    ];

    private static string Part(int i) => $"{{\"minProperties\":{i},\"properties\":{{\"p{i}\":{{\"type\":[\"string\",\"null\"]}}}}}}";
}
