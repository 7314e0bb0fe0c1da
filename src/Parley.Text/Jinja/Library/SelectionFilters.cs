namespace Parley.Text.Jinja;

/// <summary>map, and the filters that keep or drop elements by a test.</summary>
internal static class SelectionFilters
{
    public static IEnumerable<KeyValuePair<string, Func<FilterInput, JinjaValue>>> All { get; } = new Dictionary<string, Func<FilterInput, JinjaValue>>(StringComparer.Ordinal)
    {
        ["map"] = Map,
        ["select"] = input => Select(input, keeps: true, byAttribute: false),
        ["reject"] = input => Select(input, keeps: false, byAttribute: false),
        ["selectattr"] = input => Select(input, keeps: true, byAttribute: true),
        ["rejectattr"] = input => Select(input, keeps: false, byAttribute: true),
    };

    private static JinjaGenerator Map(FilterInput input)
    {
        var items = input.Items;
        input.Meter.Elements(items.Count);
        return new([.. items.Select(Mapping(input))]);
    }

    private static Func<JinjaValue, JinjaValue> Mapping(FilterInput input)
    {
        var arguments = input.Arguments;
        if (arguments.Positional.Count > 0)
        {
            var name = arguments.Text(arguments.Positional[0], "filter").Text;
            var rest = new Arguments(name, [.. arguments.Positional.Skip(1)], arguments.Named);
            return item => Filters.Apply(name, item, rest, input.Interpreter);
        }

        var bound = arguments.Bind("attribute", "default");
        var path = bound[0] ?? throw arguments.Missing("attribute");
        return item =>
        {
            var value = Attributes.Get(item, path, input.Meter);
            return value is JinjaUndefined ? bound[1] ?? value : value;
        };
    }

    private static JinjaGenerator Select(FilterInput input, bool keeps, bool byAttribute)
    {
        var positional = input.Arguments.Positional;
        var skip = byAttribute ? 1 : 0;
        var path = byAttribute && positional.Count == 0 ? throw input.Arguments.Missing("attribute") : byAttribute ? positional[0] : null;
        Func<JinjaValue, bool> test = value => value.IsTrue;
        if (positional.Count > skip)
        {
            var name = input.Arguments.Text(positional[skip], "test").Text;
            var rest = new Arguments(name, [.. positional.Skip(skip + 1)], input.Arguments.Named);
            test = value => Tests.Apply(name, value, rest, input.Interpreter);
        }

        var items = input.Items;
        input.Meter.Elements(items.Count);
        return new([.. items.Where(item => test(path is null ? item : Attributes.Get(item, path, input.Meter)) == keeps)]);
    }
}
