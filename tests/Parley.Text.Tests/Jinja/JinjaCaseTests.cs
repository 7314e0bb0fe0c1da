using Parley.Text.Jinja;

namespace Parley.Text.Tests.Jinja;

/// <summary>Every construct against Jinja2 itself: equal text, or an error where it has one, with line and column.</summary>
public sealed class JinjaCaseTests
{
    public static TheoryData<string> Groups => [.. JinjaCaseFile.Groups];

    [Theory]
    [MemberData(nameof(Groups))]
    public void Renders_as_jinja2(string group)
    {
        foreach (var (template, expected) in JinjaCaseFile.Of(group))
        {
            if (expected is not null)
            {
                Assert.Equal(expected, Render(template));
                continue;
            }

            var error = Assert.Throws<JinjaException>(() => Render(template));
            Assert.True(error.Line >= 1 && error.Column >= 1, template);
            Assert.StartsWith($"line {error.Line}, column {error.Column}: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ab\n  {{ missing.x }}", 2, 13, "'missing' is undefined, so it has no attribute 'x'")]
    [InlineData("{% if t %}\n{% for i in l %}\n{% endif %}", 3, 4, "'endfor' is expected, but here is 'endif'.")]
    [InlineData("\n\n{{ 'abc", 3, 4, "the string does not end; add a quote.")]
    [InlineData("x {% if t %}", 1, 6, "the tag does not end; add {% endif %}.")]
    [InlineData("{{ s + 1 }}", 1, 6, "can only concatenate a string to a string, not int; use ~ instead of +")]
    [InlineData("{{ l.append(1) }}", 1, 12, "'append' cannot change a list that was passed in; make a new one with +.")]
    [InlineData("{{ raise_exception('Only\nuser.') }}", 1, 19, "Only\nuser.")]
    public void An_error_names_the_place(string template, int line, int column, string reason)
    {
        var error = Assert.Throws<JinjaException>(() => Render(template));
        Assert.Equal((line, column, reason), (error.Line, error.Column, error.Reason));
        Assert.Equal(template.Contains("raise_exception", StringComparison.Ordinal), error.IsRaised);
    }

    // Hugging Face's sandbox forbids these; models whose templates use them (through llama.cpp) exist.
    [Theory]
    [InlineData("{% set a = [1] %}{{ a.append(2) }}{% set _ = a.extend([3]) %}{% set _ = a.insert(0, 0) %}{{ a.pop() }}{% set _ = a.reverse() %}{{ a }}", "None3[2, 1, 0]")]
    [InlineData("{% set d = {'a': 1} %}{% set _ = d.update({'b': 2}, c=3) %}{{ d.pop('a') }}{{ d.setdefault('z', 9) }}{{ d.copy() }}", "19{'b': 2, 'c': 3, 'z': 9}")]
    public void What_the_template_made_it_may_change(string template, string expected) => Assert.Equal(expected, Render(template));

    private static string Render(string template) => ChatScript.Parse(template).Render(JinjaCaseFile.Context, JinjaCaseFile.Now).Text;
}
