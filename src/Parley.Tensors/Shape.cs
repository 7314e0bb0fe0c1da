namespace Parley.Tensors;

/// <summary>The extents of a tensor, outermost first; one to four of them.</summary>
public readonly record struct Shape
{
    private readonly int _d0, _d1, _d2, _d3;

    public Shape(int d0) => (Rank, _d0, _d1, _d2, _d3) = (1, Extent(d0), 1, 1, 1);

    public Shape(int d0, int d1) => (Rank, _d0, _d1, _d2, _d3) = (2, Extent(d0), Extent(d1), 1, 1);

    public Shape(int d0, int d1, int d2) => (Rank, _d0, _d1, _d2, _d3) = (3, Extent(d0), Extent(d1), Extent(d2), 1);

    public Shape(int d0, int d1, int d2, int d3) => (Rank, _d0, _d1, _d2, _d3) = (4, Extent(d0), Extent(d1), Extent(d2), Extent(d3));

    /// <summary>How many extents there are, 1 to 4.</summary>
    public int Rank { get; }

    /// <summary>How many elements a tensor of this shape holds.</summary>
    public long Count => (long)_d0 * _d1 * _d2 * _d3;

    /// <summary>The innermost extent: the length of a row.</summary>
    public int Last => this[Rank - 1];

    /// <summary>How many rows of <see cref="Last"/> elements there are.</summary>
    public int Rows => Last == 0 ? 0 : checked((int)(Count / Last));

    public int this[int axis] => axis switch
    {
        0 when Rank > 0 => _d0,
        1 when Rank > 1 => _d1,
        2 when Rank > 2 => _d2,
        3 when Rank > 3 => _d3,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, $"A shape of rank {Rank} has no axis {axis}."),
    };

    public override string ToString() => Rank switch
    {
        1 => $"[{_d0}]",
        2 => $"[{_d0}, {_d1}]",
        3 => $"[{_d0}, {_d1}, {_d2}]",
        4 => $"[{_d0}, {_d1}, {_d2}, {_d3}]",
        _ => "[]",
    };

    private static int Extent(int value) =>
        value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "An extent cannot be negative.");
}
