using System.Text.RegularExpressions;
using Parley.Text.Jinja;

namespace Parley.Text.Tests.Jinja;

/// <summary>Templates damaged at random: each renders or says where it is wrong; nothing else ever comes out.</summary>
public sealed partial class JinjaFuzzTests
{
    private const int Rounds = 20_000;

    private static readonly JinjaLimits Small = new() { Steps = 100_000, Memory = 1 << 20, OutputLength = 1 << 18, RangeLength = 1_000 };

    private static readonly string[][] Seeds =
        [.. JinjaCaseFile.Groups.SelectMany(JinjaCaseFile.Of).Select(entry => Pieces().Matches(entry.Template).Select(match => match.Value).ToArray()).Where(pieces => pieces.Length > 0)];

    private static readonly string[] Words = [.. Seeds.SelectMany(seed => seed).Distinct(StringComparer.Ordinal)];

    [Fact]
    public void Damaged_templates_render_or_name_the_place()
    {
        var random = new Random(7);
        var (rendered, refused) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var template = Damage(random);
            try
            {
                ChatScript.Parse(template, limits: Small).Render(JinjaCaseFile.Context, JinjaCaseFile.Now);
                rendered++;
            }
            catch (JinjaException error)
            {
                var lines = TemplateLexer.Normalize(template).Split('\n');
                Assert.True(error.Line <= lines.Length && error.Column <= lines[error.Line - 1].Length + 1, $"{error.Message} in {template}");
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"{error.GetType().Name} in {template}: {error}");
            }
        }

        Assert.True(rendered > Rounds / 20 && refused > Rounds / 20, $"{rendered} rendered, {refused} refused");
    }

    private static string Damage(Random random)
    {
        var pieces = Seeds[random.Next(Seeds.Length)].ToList();
        for (var times = random.Next(4); times >= 0 && pieces.Count > 0; times--)
        {
            var at = random.Next(pieces.Count);
            switch (random.Next(6))
            {
                case 0:
                    pieces.RemoveAt(at);
                    break;
                case 1:
                    pieces[at] = Words[random.Next(Words.Length)];
                    break;
                case 2:
                    pieces.Insert(at, Words[random.Next(Words.Length)]);
                    break;
                case 3:
                    var other = random.Next(pieces.Count);
                    (pieces[at], pieces[other]) = (pieces[other], pieces[at]);
                    break;
                case 4:
                    pieces.InsertRange(at, Seeds[random.Next(Seeds.Length)]);
                    break;
                default:
                    pieces[at] += (char)random.Next(random.Next(2) == 0 ? 0x80 : 0x10000);
                    break;
            }
        }

        return string.Concat(pieces);
    }

    [GeneratedRegex(@"\{%-?|-?%\}|\{\{-?|-?\}\}|\w+|\s+|'[^'\n]*'|.", RegexOptions.Singleline, 1000)]
    private static partial Regex Pieces();
}
