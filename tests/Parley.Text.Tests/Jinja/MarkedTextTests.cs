using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Parley.Text.Jinja;

namespace Parley.Text.Tests.Jinja;

/// <summary>
/// What came with a message stays marked whatever the template does to it. Messages here hold only the letters x and X, templates none of them, so
/// that every printed letter tells its own origin.
/// </summary>
public sealed class MarkedTextTests
{
    public static TheoryData<string> Operations =>
    [
        "{{ m }}", "{{ 'a' + m + 'b' }}", "{{ 'a' ~ m ~ 1 }}", "{{ m[1:] }}", "{{ m[::-1] }}", "{{ m[0] }}", "{{ m * 3 }}", "{{ ('a' + m)[1:4] }}",
        "{{ m.strip() }}", "{{ m.upper() }}", "{{ m|lower }}", "{{ m|capitalize }}", "{{ m|title }}", "{{ m.split('|') }}", "{{ m.split('|')|join('a') }}",
        "{{ m.rsplit('|', 1)[0] }}", "{{ m.splitlines()|last }}", "{{ m.partition('|') }}", "{{ m.replace('|', 'ab') }}", "{{ 'a|b'.replace('|', m) }}",
        "{{ m|replace('|', '')|trim }}", "{{ m|indent }}", "{{ m|e }}", "{{ m|tojson }}", "{{ {'a': m}|tojson(indent=2) }}", "{{ [m, 'a'] }}",
        "{{ messages }}", "{{ messages|tojson }}", "{{ '%s-%5s' % (m, 'a') }}", "{{ '{}{}'.format('a', m) }}", "{{ m|format }}", "{{ m.center(30, '-') }}",
        "{{ m|truncate(5, true, 'a') }}", "{{ m|list|join }}", "{{ m|reverse }}", "{{ m|first }}", "{% for c in m %}{{ c }}a{% endfor %}",
        "{% set v %}a{{ m }}b{% endset %}{{ v[1:] }}", "{% filter upper %}{{ m }}a{% endfilter %}", "{% macro f(t) %}a{{ t }}{% endmacro %}{{ f(m)|trim }}",
        "{% macro f() %}{{ caller() }}{% endmacro %}{% call f() %}{{ m }}a{% endcall %}", "{% generation %}{{ m }}a{% endgeneration %}",
        "{% set ns = namespace(v='') %}{% for i in messages %}{% set ns.v = ns.v + i.content %}{% endfor %}{{ ns.v }}", "{{ {m: 1} }}",
        "{% for k in messages[0] %}{{ messages[0][k] }}{% endfor %}", "{{ messages|map(attribute='content')|join }}", "{{ [m]|sort|first }}", "{{ m.title() ~ m.swapcase() }}",
        "{{ dict(a=m) }}", "{{ m if m else 'a' }}", "{{ m or 'a' }}", "{{ none|default(m) }}", "{{ m.zfill(30) }}", "{{ '-'.join([m, m]) }}", "{{ m|string|safe }}",
    ];

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_letter_of_a_message_is_never_trusted(string template)
    {
        var script = ChatScript.Parse(template);
        Prop.ForAll(Gen.Elements("x", "X", "|", " ", "\n", "xx").ArrayOf().Select(string.Concat).ToArbitrary(), content =>
        {
            var context = new ChatContext
            {
                Messages = [new("user", content)],
                Variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["m"] = JsonSerializer.SerializeToElement(content) },
            };
            var text = script.Render(context, JinjaCaseFile.Now);
            AssertWellFormed(text);
            return Enumerable.Range(0, text.Length).All(i => text.Text[i] switch
            {
                'x' or 'X' => !text.OriginAt(i).IsTrusted,
                'a' or 'b' or 'A' or 'B' when !template.Contains("messages", StringComparison.Ordinal) => text.OriginAt(i).IsTrusted || template.Contains("|e ", StringComparison.Ordinal),
                _ => true,
            });
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_an_assistant_said_carries_its_number()
    {
        var text = ChatScript.Parse("{% for m in messages %}{{ '<' + m.content.upper() + '>' }}{% endfor %}").Render(
            new() { Messages = [new("user", "u"), new("assistant", "a"), new("user", "v"), new("assistant", "b")] }, JinjaCaseFile.Now);
        Assert.Equal("<U><A><V><B>", text.Text);
        int[] speakers = [0, -1, 0, 0, 2, 0, 0, -1, 0, 0, 4, 0];
        Assert.Equal(speakers, Enumerable.Range(0, text.Length).Select(i => text.OriginAt(i).Speaker));
    }

    private static void AssertWellFormed(MarkedText text)
    {
        var end = 0;
        TextOrigin? before = null;
        foreach (var mark in text.Marks)
        {
            Assert.True(mark.End > end && mark.Origin != before);
            (end, before) = (mark.End, mark.Origin);
        }

        Assert.Equal(text.Length, end);
    }
}
