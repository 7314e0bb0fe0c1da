namespace Parley.Inference;

/// <summary>
/// The smallest set of best candidates that together weigh at least a goal. Divides as quicksort does but follows only the side in which the goal
/// is reached, so a vocabulary is never sorted. What it does depends on the candidates alone, and so does the order it leaves them in.
/// </summary>
internal static class Nucleus
{
    /// <summary>So few are sorted and counted.</summary>
    private const int Few = 24;

    /// <summary>The chosen candidates, in some order; all of them when even together they do not reach the goal.</summary>
    public static Span<Candidate> Select(Span<Candidate> candidates, double goal)
    {
        var (low, high) = (0, candidates.Length);
        while (high - low > Few)
        {
            var pivot = Divide(candidates, low, high);
            var better = Weight(candidates[low..pivot]);
            if (better >= goal)
            {
                high = pivot;
                continue;
            }

            goal -= better + candidates[pivot].Value;
            low = pivot + 1;
            if (goal <= 0)
            {
                return candidates[..low];
            }
        }

        candidates[low..high].Sort();
        while (low < high && goal > 0)
        {
            goal -= candidates[low++].Value;
        }

        return candidates[..low];
    }

    public static double Weight(ReadOnlySpan<Candidate> candidates)
    {
        double sum = 0;
        foreach (var candidate in candidates)
        {
            sum += candidate.Value;
        }

        return sum;
    }

    /// <summary>Puts the better of the range before one of its members and the worse behind it; returns where that one stands now.</summary>
    private static int Divide(Span<Candidate> candidates, int low, int high)
    {
        var last = high - 1;
        var middle = low + (high - low) / 2;
        Order(candidates, low, middle);
        Order(candidates, middle, last);
        Order(candidates, low, middle);
        (candidates[middle], candidates[last]) = (candidates[last], candidates[middle]);
        var (pivot, place) = (candidates[last], low);
        for (var i = low; i < last; i++)
        {
            if (candidates[i].IsBetterThan(pivot))
            {
                (candidates[i], candidates[place]) = (candidates[place], candidates[i]);
                place++;
            }
        }

        (candidates[place], candidates[last]) = (candidates[last], candidates[place]);
        return place;
    }

    private static void Order(Span<Candidate> candidates, int first, int second)
    {
        if (candidates[second].IsBetterThan(candidates[first]))
        {
            (candidates[first], candidates[second]) = (candidates[second], candidates[first]);
        }
    }
}
