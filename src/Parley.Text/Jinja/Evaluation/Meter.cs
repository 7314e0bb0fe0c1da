namespace Parley.Text.Jinja;

/// <summary>Counts what one rendering takes and stops it at a limit, or when nobody waits for it any more.</summary>
internal sealed class Meter(JinjaLimits limits, CancellationToken cancellationToken)
{
    private const int ElementSize = 32;
    private const int CancellationInterval = 1024;

    private long _steps = limits.Steps;
    private long _memory = limits.Memory;
    private long _nextLook = limits.Steps;
    private int _depth;

    public JinjaLimits Limits => limits;

    public void Step(long count = 1)
    {
        _steps -= count;
        if (_steps < 0)
            throw new JinjaFault($"the template takes more than {limits.Steps} steps; it may loop too much.");
        if (_steps > _nextLook)
            return;
        _nextLook = _steps - CancellationInterval;
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Before a text of this many characters is made.</summary>
    public void Text(long characters)
    {
        Step(characters >> 6);
        Take(characters);
    }

    /// <summary>Before this many elements of a list or map are made.</summary>
    public void Elements(long count)
    {
        Step(count);
        Take(count * ElementSize);
    }

    /// <summary>Before a text is searched for another: in the worst case every place is compared to the end.</summary>
    public void Search(int text, int wanted) => Step((text >> 6) + (((long)text * wanted) >> 12));

    /// <summary>Before something that contains something of its own kind is gone into; <see cref="Leave"/> follows unless it failed.</summary>
    public void Enter()
    {
        if (++_depth > limits.Depth)
            throw new JinjaFault($"the template nests deeper than {limits.Depth} levels; a macro may call itself, or a list contain itself.");
    }

    public void Leave() => _depth--;

    private void Take(long characters)
    {
        _memory -= characters;
        if (_memory < 0)
            throw new JinjaFault($"the template makes more than {limits.Memory} characters of text; it may repeat too much.");
    }
}
