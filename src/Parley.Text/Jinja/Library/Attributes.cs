using System.Globalization;

namespace Parley.Text.Jinja;

/// <summary>The <c>attribute</c> parameter of filters: a name, an index, or a path of them with dots between.</summary>
internal static class Attributes
{
    public static JinjaValue Get(JinjaValue item, JinjaValue path, Meter meter)
    {
        if (path is not JinjaString text)
            return Members.Item(item, path, meter);
        meter.Search(text.Text.Length, 1);
        foreach (var name in text.Text.Split('.'))
        {
            meter.Step();
            JinjaValue key = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : new JinjaString(name);
            item = Members.Item(item, key, meter);
        }

        return item;
    }
}
