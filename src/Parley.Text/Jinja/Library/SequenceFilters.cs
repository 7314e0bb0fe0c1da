namespace Parley.Text.Jinja;

/// <summary>Filters over lists, dicts and everything else that can be walked.</summary>
internal static class SequenceFilters
{
    public static IEnumerable<KeyValuePair<string, Func<FilterInput, JinjaValue>>> All { get; } = new Dictionary<string, Func<FilterInput, JinjaValue>>(StringComparer.Ordinal)
    {
        ["length"] = input => Sequences.Length(input.Value, input.Meter),
        ["count"] = input => Sequences.Length(input.Value, input.Meter),
        ["list"] = input => Copy(input, input.Items),
        ["first"] = input => input.Items is [var first, ..] ? first : new JinjaUndefined("there is no first item, the sequence is empty"),
        ["last"] = input => input.Items is [.., var last] ? last : new JinjaUndefined("there is no last item, the sequence is empty"),
        ["reverse"] = Reverse,
        ["join"] = Join,
        ["items"] = Items,
        ["dictsort"] = SortMap,
        ["sort"] = Sort,
        ["unique"] = Unique,
        ["min"] = input => Extreme(input, -1),
        ["max"] = input => Extreme(input, 1),
        ["sum"] = Sum,
        ["batch"] = Batch,
    };

    /// <summary>Text without regard to case, unless that is asked for.</summary>
    private static JinjaValue SortKey(JinjaValue value, bool caseSensitive, Meter meter) =>
        !caseSensitive && value is JinjaString text ? TextCase.Lower(text.Value, meter) : value;

    private static JinjaList Copy(FilterInput input, IReadOnlyList<JinjaValue> items)
    {
        input.Meter.Elements(items.Count);
        return new JinjaList([.. items]);
    }

    private static JinjaValue Reverse(FilterInput input)
    {
        input.Meter.Elements(Sequences.Length(input.Value, input.Meter));
        var reversed = input.Items.Reverse();
        return input.Value is JinjaString ? Sequences.Joined(reversed, input.Meter) : new JinjaGenerator([.. reversed]);
    }

    private static JinjaValue Join(FilterInput input)
    {
        var bound = input.Arguments.Bind("d", "attribute");
        var separator = bound[0] is null ? default : ValueText.Of(bound[0]!, input.Meter);
        var parts = bound[1] is null ? input.Items : input.Items.Select(item => Attributes.Get(item, bound[1]!, input.Meter));
        return StringMethods.Join(separator, parts, input.Meter);
    }

    private static JinjaValue Items(FilterInput input) => input.Value switch
    {
        JinjaMap map => MapMethods.Pairs(map, input.Meter),
        JinjaUndefined => new JinjaList([]),
        _ => throw new JinjaFault($"items needs a dict, not {input.Value.TypeName}"),
    };

    private static JinjaValue SortMap(FilterInput input)
    {
        var bound = input.Arguments.Bind("case_sensitive", "by", "reverse");
        if (input.Value is not JinjaMap map)
            throw new JinjaFault($"dictsort needs a dict, not {input.Value.TypeName}");
        var by = bound[1] is null ? "key" : input.Arguments.Text(bound[1], "by").Text;
        if (by is not ("key" or "value"))
            throw new JinjaFault("'by' of dictsort must be 'key' or 'value'");
        var pairs = MapMethods.Pairs(map, input.Meter).Items;
        return Sorted(pairs, pair => ((JinjaList)pair).Items[by == "key" ? 0 : 1], bound[0]?.IsTrue ?? false, bound[2]?.IsTrue ?? false, input.Meter);
    }

    private static JinjaValue Sort(FilterInput input)
    {
        var bound = input.Arguments.Bind("reverse", "case_sensitive", "attribute");
        return Sorted(
            input.Items,
            item => bound[2] is null ? item : Attributes.Get(item, bound[2]!, input.Meter),
            bound[1]?.IsTrue ?? false,
            bound[0]?.IsTrue ?? false,
            input.Meter);
    }

    // Equal ones keep their order, also when reversed.
    private static JinjaList Sorted(IReadOnlyList<JinjaValue> items, Func<JinjaValue, JinjaValue> key, bool caseSensitive, bool reverse, Meter meter)
    {
        meter.Elements(2L * items.Count);
        var keyed = items.Select(item => (Item: item, Key: SortKey(key(item), caseSensitive, meter))).ToArray();
        MergeSort.Sort(keyed, (a, b) => Comparisons.Compare(a.Key, b.Key, "<", meter) * (reverse ? -1 : 1) > 0);
        return new JinjaList(keyed.Select(entry => entry.Item));
    }

    private static JinjaValue Unique(FilterInput input)
    {
        var bound = input.Arguments.Bind("case_sensitive", "attribute");
        var seen = new HashSet<JinjaValue>(KeyEquality.Instance);
        var items = input.Items;
        input.Meter.Elements(items.Count);
        return new JinjaGenerator([.. items.Where(item =>
            seen.Add(KeyEquality.Checked(SortKey(bound[1] is null ? item : Attributes.Get(item, bound[1]!, input.Meter), bound[0]?.IsTrue ?? false, input.Meter), input.Meter)))]);
    }

    private static JinjaValue Extreme(FilterInput input, int sign)
    {
        var bound = input.Arguments.Bind("case_sensitive", "attribute");
        (JinjaValue Item, JinjaValue Key)? best = null;
        foreach (var item in input.Items)
        {
            var key = SortKey(bound[1] is null ? item : Attributes.Get(item, bound[1]!, input.Meter), bound[0]?.IsTrue ?? false, input.Meter);
            if (best is null || Comparisons.Compare(key, best.Value.Key, "<", input.Meter) * sign > 0)
                best = (item, key);
        }

        return best?.Item ?? new JinjaUndefined("there is no item, the sequence is empty");
    }

    private static JinjaValue Sum(FilterInput input)
    {
        var bound = input.Arguments.Bind("attribute", "start");
        var sum = bound[1] ?? 0;
        foreach (var item in input.Items)
            sum = Operators.Apply("+", sum, bound[0] is null or JinjaNone ? item : Attributes.Get(item, bound[0]!, input.Meter), input.Meter);
        return sum;
    }

    private static JinjaValue Batch(FilterInput input)
    {
        var bound = input.Arguments.Bind("linecount", "fill_with");
        var size = input.Arguments.Count(bound[0] ?? throw input.Arguments.Missing("linecount"), "linecount", 0);
        if (size < 1)
            throw new JinjaFault("'linecount' of batch must be at least 1");
        var items = input.Items;
        input.Meter.Elements(2L * items.Count);
        var rows = items.Chunk(size).Select(row => new JinjaList([.. row])).ToArray();
        if (rows.Length > 0 && bound[1] is { } fill and not JinjaNone)
        {
            input.Meter.Elements(size);
            rows[^1].Items.AddRange(Enumerable.Repeat(fill, size - rows[^1].Items.Count));
        }

        return new JinjaGenerator(rows);
    }
}
