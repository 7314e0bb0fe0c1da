namespace Parley.Protocol;

/// <summary>Who a row, event or request belongs to when nobody said otherwise.</summary>
public static class Identity
{
    /// <summary>The project and user of a single-person installation.</summary>
    public const string Local = "local";
}
