using System.Diagnostics;
using Parley.Text.Jinja;

namespace Parley.Text.Tests.Jinja;

/// <summary>A hostile template ends soon, in little memory, with one sentence.</summary>
public sealed class JinjaLimitTests
{
    private static readonly string Deep = new('(', 5_000);

    public static TheoryData<string, string> Hostile => new()
    {
        { "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "repeat too much" },
        { "{% for a in range(99999) %}{% for b in l %}{% for c in l %}{% if a %}{% endif %}{% if b %}{% endif %}{% endfor %}{% endfor %}{% endfor %}{% for a in range(99999) %}{% for b in l * 9 %}{{ a * b }}{% endfor %}{% endfor %}", "steps" },
        { "{{ 'x' * 999999999999 }}", "steps" },
        { "{{ [0] * 999999999 }}", "steps" },
        { "{% set ns = namespace(s='xxxxxxxx') %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "characters" },
        { "{% set ns = namespace(s=['x' * 100]) %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "repeat too much" },
        { "{% for a in range(99999) %}{{ 'xxxxxxxxxx' * 1000 }}{% endfor %}", "output has more" },
        { "{{ range(100001) }}", "100001 numbers" },
        { "{{ range(10 ** 300) }}", "are allowed" },
        { "{{ 10 ** 100000 }}", "power" },
        { "{{ (10 ** 300) * (10 ** 300) }}", "bits" },
        { "{{ 'x'.center(999999999) }}", "steps" },
        { "{{ '%999999999d' % 1 }}", "steps" },
        { "{{ 'x'|indent(999999999) }}", "steps" },
        { "{{ l|tojson(indent=999999999) }}", "steps" },
        { "{{ ('x' * 9999).replace('x', 'y' * 99999) }}", "characters" },
        { "{{ ('x' * 9999).replace('', 'y' * 99999) }}", "characters" },
        { "{% set a = 'a' * 5000000 %}{{ (a + 'b') in (a + a) }}", "steps" },
        { "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}", "nests deeper" },
        { "{% macro m(f) %}{{ f(f) }}{% endmacro %}{{ m(m) }}", "nests deeper" },
        { "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}", "nests deeper" },
        { "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x == [ns.x] }}", "nests deeper" },
        { "{% set ns = namespace(x={}) %}{% for i in range(9999) %}{% set ns.x = {'a': ns.x} %}{% endfor %}{{ ns.x|tojson }}", "nests deeper" },
        { "{% set a = [] %}{% set _ = a.append(a) %}{{ a }}", "nests deeper" },
        { "{% set a = [] %}{% set _ = a.append(a) %}{{ a|tojson }}", "nests deeper" },
        { "{% set a = [] %}{% set b = [a] %}{% set _ = a.append(b) %}{{ a == b }}", "nests deeper" },
        { "{% set a = [1] %}{% for i in a %}{% set _ = a.append(i) %}{% set _ = a.extend(a) %}{% for j in a %}{% set _ = a.extend(a) %}{% endfor %}{% endfor %}{% for i in a %}{% set _ = a.extend(a) %}{% endfor %}{% for i in a %}{% set _ = a.extend(a) %}{% endfor %}", "too much" },
        { "{{ " + Deep, "nest deeper than 100" },
        { "{{ " + new string('[', 900) + new string(']', 900) + " }}", "nest deeper than 100" },
        { "{{ " + string.Concat(Enumerable.Repeat("not ", 5_000)) + "x }}", "nest deeper than 100" },
        { "{{ " + new string('-', 5_000) + "x }}", "nest deeper than 100" },
        { "{{ " + string.Concat(Enumerable.Repeat("a if b else ", 5_000)) + "x }}", "nest deeper than 100" },
        { string.Concat(Enumerable.Repeat("{% if x %}", 5_000)), "nest deeper than 100" },
        { "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 5_000)) + " }}", "nests deeper than 400" },
        { "{{ x" + string.Concat(Enumerable.Repeat("|string", 5_000)) + " }}", "nests deeper than 400" },
        { new string('x', (1 << 20) + 1), "1048577 characters" },
        { "{{ " + new string('n', 257) + " }}", "256 characters" },
        { string.Concat(Enumerable.Repeat("{% with a=1 %}", 90)) + "{% for i in range(99999) %}{% for j in l %}{{ zz }}{{ zz }}{{ zz }}{% endfor %}{% endfor %}" + string.Concat(Enumerable.Repeat("{% endwith %}", 90)), "steps" },
        { "{% set w = ' ' * 1000000 %}{% for i in range(99999) %}{% if w.isspace() or w is lower %}{% endif %}{% endfor %}", "steps" },
        { "{{ [1, 'nan'|float, 'a']|sort }}", "not supported between" },
        { "{{ " + new string('9', 400) + " }}", "300 digits" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Ends_with_a_sentence(string template, string part)
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<JinjaException>(() => Render(template));
        Assert.Contains(part, error.Reason, StringComparison.Ordinal);
        Assert.False(error.IsRaised);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8L << 30, "more garbage than steps warrant");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed}");
    }

    [Fact]
    public void The_deepest_that_is_allowed_fits_on_a_small_stack()
    {
        string[] templates =
        [
            "{{ " + new string('[', 99) + "1" + new string(']', 99) + " }}",
            string.Concat(Enumerable.Repeat("{% if true %}", 98)) + "{{ s }}" + string.Concat(Enumerable.Repeat("{% endif %}", 98)),
            "{% macro m(n) %}{% if n > 0 %}{% for i in [1] %}{% if true %}{{ m(n - 1) }}{% endif %}{% endfor %}{% endif %}{% endmacro %}{{ m(40) }}",
            "{% macro m(x) %}{% for i in l %}{% if not (x and (x or (x and m(x)))) %}{{ m(x)|upper }}{% endif %}{% endfor %}{% endmacro %}{{ m(1) }}",
            "{% set ns = namespace(x=[]) %}{% for i in range(390) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x == [ns.x] }}{{ ns.x }}{{ ns.x|tojson }}",
        ];
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    foreach (var template in templates)
                        Assert.True(Record.Exception(() => Render(template)) is null or JinjaException);
                }
                catch (Exception error)
                {
                    failure = error;
                }
            },
            maxStackSize: 1 << 20);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    [Fact]
    public void Nobody_waiting_ends_it()
    {
        using var gone = new CancellationTokenSource();
        gone.Cancel();
        var script = ChatScript.Parse("{% for a in range(9999) %}{% set b = a %}{% endfor %}");
        Assert.Throws<OperationCanceledException>(() => script.Render(JinjaCaseFile.Context, JinjaCaseFile.Now, gone.Token));
    }

    [Fact]
    public void A_full_context_is_far_from_the_limits()
    {
        var turns = Enumerable.Range(0, 1_000).Select(i => new ChatTemplateMessage(i % 2 == 0 ? "user" : "assistant", new string('x', 2_000)));
        var text = ChatScript.Parse(ChatTemplate.ChatMlJinja).Render(new() { Messages = [.. turns] }, JinjaCaseFile.Now).Text;
        Assert.True(text.Length > 2_000_000);
    }

    private static string Render(string template) => ChatScript.Parse(template).Render(JinjaCaseFile.Context, JinjaCaseFile.Now).Text;
}
