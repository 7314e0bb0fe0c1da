using System.Text;

namespace Parley.Inference.Tests.Constraints;

/// <summary>Random texts that an automaton lets through, byte by byte: whatever it offers at a place may be taken.</summary>
internal static class SchemaWalk
{
    private const int Enough = 160;
    private const int TooLong = 4000;
    private static readonly byte[] Closing = "\"]},:0123456789eul-"u8.ToArray();

    /// <summary>A whole text; null when the walk got lost in one without end.</summary>
    public static string? Take(CompiledConstraint constraint, Random random)
    {
        var text = new List<byte>();
        for (var state = constraint.First(dropsFirstSpace: false); text.Count < TooLong;)
        {
            if (state.IsComplete && (text.Count > Enough || random.Next(3) == 0))
            {
                return Encoding.UTF8.GetString([.. text]);
            }

            if (Choose(constraint, state, random, text.Count > Enough) is not { } value)
            {
                return Encoding.UTF8.GetString([.. text]);
            }

            text.Add(value);
            state = Next(constraint, state, value);
        }

        return null;
    }

    private static AutomatonState Next(CompiledConstraint constraint, AutomatonState state, byte value) => constraint.Step(state, value + 1); // the byte's own token

    // Letters mostly, as any byte at random would leave hardly anything but rare characters; what ends a text first once it is long.
    private static byte? Choose(CompiledConstraint constraint, AutomatonState state, Random random, bool isLong)
    {
        byte[] allowed = [.. Enumerable.Range(0, 256).Where(value => !ReferenceEquals(Next(constraint, state, (byte)value), AutomatonState.Dead)).Select(value => (byte)value)];
        byte[] closing = isLong ? [.. Closing.Where(allowed.Contains)] : [];
        byte[] plain = [.. allowed.Where(value => value is >= 0x20 and < 0x7F and not (byte)'\\')];
        return allowed.Length == 0 ? null
            : closing.Length > 0 && random.Next(4) > 0 ? closing[random.Next(Math.Min(3, closing.Length))]
            : plain.Length > 0 && random.Next(8) > 0 ? plain[random.Next(plain.Length)]
            : allowed[random.Next(allowed.Length)];
    }
}
