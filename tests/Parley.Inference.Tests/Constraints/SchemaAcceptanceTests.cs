using System.Text;
using System.Text.Json;

namespace Parley.Inference.Tests.Constraints;

/// <summary>Which texts a schema lets through, keyword by keyword.</summary>
public sealed class SchemaAcceptanceTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"],"additionalProperties":false}""", """{"a":1}|{"a":-12,"b":"x"}|{"a": 1, "b": "x"}""", """{}|{"b":"x"}|{"b":"x","a":1}|{"a":1.5}|{"a":1,}|{"a":01}|{ "a":1}|{"a":1,"c":2}|{"a":1""")]
    [InlineData("""{"type":"array","items":{"enum":["x",1,null]},"minItems":1,"maxItems":3}""", """["x"]|[1,null]|["x", 1, "x"]""", """[]|[2]|["x","x","x","x"]|["y"]""")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}""", """[]|[1]|[1,"a"]""", """["a"]|[1,"a",2]|[1,2]""")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"}],"items":{"type":"null"},"minItems":2,"maxItems":3}""", """[1,null]|[1,null,null]""", """[1]|[null,null]|[1,null,null,null]""")]
    [InlineData("""{"type":"integer","minimum":-5,"maximum":120}""", "-5|-1|0|7|99|100|120", "-6|121|1000|1.0|-0|00|+1|1e1")]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"maximum":1}""", "0.5|1|1.0|0.0001|1e-7|1.5e-9", "0|0.0|-0.5|1.01|2|1e0|7e-1|1e1")]
    [InlineData("""{"type":"integer"}""", "0|-12|1e21|1e+21|-1.5E+30|1.2345678901234567e+22|9e307", "1e20|1.5e+1|1e-21|1.5|1.0|10e21|1e308|0e21|1e|1.e21|1.5|-0")]
    [InlineData("""{"type":"integer","minimum":5}""", "5|1e21|2.5e+22", "4|-1e21|1e20|1.5")]
    [InlineData("""{"type":"integer","multipleOf":7,"minimum":10,"maximum":100}""", "14|21|98", "7|15|105|100|0")]
    [InlineData("""{"type":"number","multipleOf":0.25}""", "0|0.25|1.5|-3.75|2|10.50", "0.1|0.3|1.125|0.250")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", """ "ab"|"日本"|"😀😀😀"|"\u00e9\n"|"\ud83d\ude00a" """, """ "a"|"abcd"|"😀"|"\ud83d\ude00"|"\ud83d"|"\ude00\ude00" """)]
    [InlineData("""{"type":"string","pattern":"^[a-z]+-\\d{2,3}$"}""", """ "ab-12"|"x-123" """, """ "ab-1"|"AB-12"|"ab-1234"|"ab12" """)]
    [InlineData("""{"type":"string","pattern":"b","maxLength":3}""", """ "b"|"abc"|"aab" """, """ "a"|"aabb"|"" """)]
    [InlineData("""{"type":"string","format":"date"}""", """ "2024-02-29"|"1999-12-31"|"2000-02-29" """, """ "2023-02-29"|"1900-02-29"|"2024-13-01"|"2024-04-31"|"24-01-01" """)]
    [InlineData("""{"type":"string","format":"ipv6"}""", """ "::1"|"2001:db8::ff00:42:8329"|"::ffff:192.0.2.1"|"1:2:3:4:5:6:7:8"|"::" """, """ "1:2:3"|":::"|"1:2:3:4:5:6:7:8:9"|"12345::" """)]
    [InlineData("""{"type":"string","format":"uri"}""", """ "http://[::1]:80/a?b#c"|"http:/[::1]:80/"|"https://a:b:c,d@e"|"http://[v1.x:y]/"|"urn:a:b"|"http://u:p@h:8/%20" """, """ "http://[::1"|"http://[v1]/"|"a"|"http://a b"|"//h/p"|"http://%2"|"http:///[" """)]
    [InlineData("""{"anyOf":[{"type":"object","properties":{"k":{"const":"a"},"x":{"type":"integer"}},"required":["k","x"],"additionalProperties":false},{"type":"object","properties":{"k":{"const":"b"},"y":{"type":"string"}},"required":["k","y"],"additionalProperties":false}]}""", """{"k":"a","x":1}|{"k":"b","y":"s"}""", """{"k":"a","y":"s"}|{"k":"c"}|{"k":"a"}""")]
    [InlineData("""{"oneOf":[{"type":"integer","maximum":10},{"type":"integer","minimum":20},{"type":"string"}]}""", """5|25|"x" """, "15")]
    [InlineData("""{"oneOf":[{"type":"number","maximum":10},{"type":"number","minimum":5}]}""", "4|11", "5|7|10")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"a":{"minimum":3},"b":{"type":"boolean"}}}]}""", """{"a":3}|{"a":4,"b":true}|{"a":4,"z":[{}]}""", """{"a":2}|{"a":3,"b":1}|{}""")]
    [InlineData("""{"$defs":{"n":{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#/$defs/n"}},"required":["v"],"additionalProperties":false}},"$ref":"#/$defs/n"}""", """{"v":1}|{"v":1,"next":{"v":2,"next":{"v":3}}}""", """{"v":1,"next":{}}|{"v":1,"next":{"v":2}""")]
    [InlineData("""{"not":{"type":"string"}}""", """1|null|{}|[1]|{"a":"b"}""", """ "a" """)]
    [InlineData("""{"type":"string","not":{"enum":["a","bc"]}}""", """ "b"|"ab"|"" """, """ "a"|"bc"|"\u0061" """)]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"},"properties":{"s":{"type":"string"}}}""", """{}|{"s":"x"}|{"s":"x","q":1}|{"q":1,"r":2}""", """{"s":1}|{"q":"x"}|{"q":1,"s":"x"}""")]
    [InlineData("""{"type":"object","patternProperties":{"^n_":{"type":"number"},"^s_":{"type":"string"}},"additionalProperties":false}""", """{"n_a":1,"s_b":"x"}|{}""", """{"n_a":"x"}|{"z":1}""")]
    [InlineData("""{"type":"object","propertyNames":{"pattern":"^[a-z]{2}$"},"maxProperties":2,"minProperties":1}""", """{"ab":1}|{"ab":1,"cd":{}}""", """{}|{"abc":1}|{"ab":1,"cd":2,"ef":3}""")]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{},"c":{}},"additionalProperties":false,"minProperties":2}""", """{"a":1,"b":2}|{"b":1,"c":2}|{"a":1,"b":1,"c":1}""", """{"a":1}|{}""")]
    [InlineData("""{"type":"array","contains":{"const":"x"},"items":{"type":"string"},"maxItems":2}""", """["x"]|["a","x"]|["x","b"]""", """[]|["a"]|["a","b"]|["a","b","x"]""")]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"enum":["a","b","c"]},"minItems":2}""", """["a","b"]|["c","b","a"]""", """["a"]|["a","a"]""")]
    [InlineData("""{"type":"object","properties":{"c":{"enum":["US","CA"]},"z":{"type":"string"}},"required":["c","z"],"additionalProperties":false,"if":{"properties":{"c":{"const":"US"}}},"then":{"properties":{"z":{"pattern":"^\\d{5}$"}}},"else":{"properties":{"z":{"maxLength":3}}}}""", """{"c":"US","z":"12345"}|{"c":"CA","z":"abc"}""", """{"c":"US","z":"abc"}|{"c":"CA","z":"12345"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"additionalProperties":false,"dependentRequired":{"a":["b"]}}""", """{}|{"b":1}|{"a":1,"b":2}""", """{"a":1}""")]
    [InlineData("""{"const":{"a":[1,"é"],"b":null}}""", """{"a":[1,"é"],"b":null}|{"a": [1, "\u00e9"], "b": null}""", """{"a":[1,"e"],"b":null}|{"a":[1,"é"]}""")]
    public void ASchemaTakesWhatIsValidAndNothingElse(string schema, string valid, string invalid)
    {
        using var document = JsonDocument.Parse(schema);
        var constraint = ConstraintCompiler.FromJsonSchema(document.RootElement, ByteTokenizer.Instance);
        Assert.All(valid.Split('|'), text => Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(text.Trim())), text));
        Assert.All(invalid.Split('|'), text => Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(text.Trim())), text));
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""", "")]
    [InlineData("""{"type":"string","format":"iri"}""", "/format")]
    [InlineData("""{"properties":{"a/b":{"pattern":"(?=x)"}}}""", "/properties/a~1b/pattern")]
    [InlineData("""{"type":"array","items":{"type":"string"},"uniqueItems":true}""", "/uniqueItems")]
    [InlineData("""{"type":"number","multipleOf":0.01}""", "/multipleOf")]
    [InlineData("""{"typo":1}""", "/typo")]
    [InlineData("""{"$ref":"https://example.com/x.json"}""", "/$ref")]
    [InlineData("""{"type":"strng"}""", "/type")]
    [InlineData("""{"anyOf":[{"type":"string"},5]}""", "/anyOf/1")]
    [InlineData("""{"unevaluatedProperties":false,"allOf":[{}]}""", "/unevaluatedProperties")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "")]
    public void WhatCannotBeHonouredIsRefusedByItsPlace(string schema, string pointer)
    {
        using var document = JsonDocument.Parse(schema);
        var error = Assert.Throws<ConstraintException>(() => ConstraintCompiler.FromJsonSchema(document.RootElement, ByteTokenizer.Instance));
        Assert.Equal(pointer, error.Pointer);
    }

    [Theory]
    [InlineData("[a-c]+|x\\d", "a|abc|x7", "x|d|abx")]
    [InlineData("^$|^é.$", "|éx", "é|éxx")]
    [InlineData("(?:ab){2,}\\.", "abab.|ababab.", "ab.|abab")]
    public void ARegexMatchesFromEndToEnd(string pattern, string valid, string invalid)
    {
        var constraint = ConstraintCompiler.FromRegex(pattern, ByteTokenizer.Instance);
        Assert.All(valid.Split('|'), text => Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
        Assert.All(invalid.Split('|'), text => Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
    }

    [Fact]
    public void JsonModeTakesEveryObjectAndNothingElse()
    {
        var constraint = ConstraintCompiler.AnyJsonObject(ByteTokenizer.Instance);
        string[] valid = ["{}", """{"a":[1,-2.5e10,true,{"b":null}],"c":"\ud83d\ude00\\"}""", """{"a": {"a": [[], {}]}, "b": ""}"""];
        string[] invalid = ["[]", "1", """{"a":}""", """{"a" :1}""", "{\"a\":\"\n\"}", """{"a":1}}""", """{"a":1e999}"""];
        Assert.All(valid, text => Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
        Assert.All(invalid, text => Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
    }
}

/// <summary>Grammars in llama.cpp's notation, and descriptions that mean harm.</summary>
public sealed class HostileConstraintTests
{
    [Fact]
    public void AGrammarMayCallItself()
    {
        var constraint = ConstraintCompiler.FromGrammar(
            """
            # sums
            root ::= sum ("=" [0-9]+)?
            sum ::= term (
                [+-] term)*
            term ::= [1-9] [0-9]{0,2} | "(" sum ")" | "\u00e9"
            """,
            ByteTokenizer.Instance);
        Assert.All(new[] { "1", "12+(3-é)", "((1))=10" }, text => Assert.True(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
        Assert.All(new[] { "", "0", "1234", "(1", "1+", "1=", "1)" }, text => Assert.False(constraint.Accepts(Encoding.UTF8.GetBytes(text)), text));
    }

    [Theory]
    [InlineData("root ::= root \"a\" | \"b\"", "left recursion")]
    [InlineData("root ::= a\na ::= b?\nb ::= c* root\nc ::= \"c\"", "left recursion")]
    [InlineData("root ::= x", "'x'")]
    [InlineData("start ::= \"a\"", "root")]
    [InlineData("root ::= \"a", "quotes")]
    [InlineData("root ::= a\na ::= \"x\" a", "No text")]
    public void AGrammarThatCannotBeReadIsRefused(string rules, string part) =>
        Assert.Contains(part, Assert.Throws<ConstraintException>(() => ConstraintCompiler.FromGrammar(rules, ByteTokenizer.Instance)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("((((a{1,100}){1,100}){1,100}){1,100})")]
    [InlineData("(.*a.{30})")]
    [InlineData("(a|b){99999}")]
    public void ARegexThatWouldGrowWithoutEndIsRefused(string pattern) =>
        Assert.Throws<ConstraintException>(() => ConstraintCompiler.FromRegex(".*" + pattern + ".*", ByteTokenizer.Instance));

    [Theory]
    [InlineData("""{"type":"array","items":{"type":"null"},"minItems":2000000000,"maxItems":2000000001}""", true)]
    [InlineData("""{"type":"string","minLength":1000000,"maxLength":2000000000}""", true)]
    [InlineData("""{"type":"string","pattern":"^(ab)*$","minLength":100000000,"maxLength":2000000000}""", false)]
    [InlineData("""{"allOf":[{"anyOf":[{"maxLength":1},{"maxLength":2},{"maxLength":3}]},{"anyOf":[{"maxLength":1},{"maxLength":2},{"maxLength":3}]},{"anyOf":[{"maxLength":1},{"maxLength":2},{"maxLength":3}]},{"anyOf":[{"maxLength":1},{"maxLength":2},{"maxLength":3}]},{"anyOf":[{"maxLength":1},{"maxLength":2},{"maxLength":3}]},{"anyOf":[{"maxLength":1},{"maxLength":2},{"maxLength":3}]}]}""", false)]
    [InlineData("""{"$defs":{"a":{"type":"object","required":["x"],"properties":{"x":{"$ref":"#/$defs/a"}}}},"$ref":"#/$defs/a"}""", false)]
    [InlineData("""{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}""", false)]
    public void AHostileSchemaCostsLittle(string schema, bool compiles)
    {
        using var document = JsonDocument.Parse(schema);
        var root = document.RootElement;
        var error = Record.Exception(() => ConstraintCompiler.FromJsonSchema(root, ByteTokenizer.Instance));
        Assert.True(compiles ? error is null : error is ConstraintException, error?.ToString() ?? "compiled");
    }
}
