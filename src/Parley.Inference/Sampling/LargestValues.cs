namespace Parley.Inference;

/// <summary>Finds the k largest of many values in one pass with a heap of k, worst on top. Ties go to the lower id.</summary>
internal static class LargestValues
{
    /// <summary>Fills <paramref name="target"/> with its length of candidates, best first. NaN counts as least.</summary>
    public static void Select(ReadOnlySpan<float> values, Span<Candidate> target)
    {
        if (target.IsEmpty)
        {
            return;
        }

        for (var i = 0; i < target.Length; i++)
        {
            target[i] = new(i, values[i]);
        }

        for (var i = target.Length / 2 - 1; i >= 0; i--)
        {
            Sink(target, i);
        }

        for (var i = target.Length; i < values.Length; i++)
        {
            // Most values are far below the worst that is in: 16 of them are passed over at once.
            if (i + 16 <= values.Length && !float.IsNaN(target[0].Value) && !RowMaximum.AnyAbove(values, i, target[0].Value))
            {
                i += 15;
                continue;
            }

            // An equal value with a higher id never displaces one that is in.
            if (values[i] > target[0].Value || float.IsNaN(target[0].Value))
            {
                target[0] = new(i, values[i]);
                Sink(target, 0);
            }
        }

        target.Sort();
    }

    private static void Sink(Span<Candidate> heap, int at)
    {
        for (var child = 2 * at + 1; child < heap.Length; child = 2 * at + 1)
        {
            if (child + 1 < heap.Length && heap[child + 1].CompareTo(heap[child]) > 0)
            {
                child++;
            }

            if (heap[at].CompareTo(heap[child]) >= 0)
            {
                return;
            }

            (heap[at], heap[child], at) = (heap[child], heap[at], child);
        }
    }
}
