namespace Parley.Text.Jinja;

/// <summary>
/// A stable sort that lets the comparison's failures through as they are, and cannot be led astray by an order that is none (NaN): .NET's own sort
/// wraps the one and throws at the other.
/// </summary>
internal static class MergeSort
{
    /// <param name="items">Sorted in place.</param>
    /// <param name="isAfter">True when the first must stand behind the second.</param>
    public static void Sort<T>(T[] items, Func<T, T, bool> isAfter)
    {
        var (from, to) = (items, new T[items.Length]);
        for (var width = 1; width < items.Length; width *= 2)
        {
            for (var start = 0; start < items.Length; start += 2 * width)
                Merge(from, to, start, Math.Min(start + width, items.Length), Math.Min(start + (2 * width), items.Length), isAfter);
            (from, to) = (to, from);
        }

        if (from != items)
            from.CopyTo(items, 0);
    }

    private static void Merge<T>(T[] from, T[] to, int start, int middle, int end, Func<T, T, bool> isAfter)
    {
        var (left, right) = (start, middle);
        for (var i = start; i < end; i++)
        {
            var takesRight = left == middle || (right < end && isAfter(from[left], from[right]));
            to[i] = from[takesRight ? right++ : left++];
        }
    }
}
