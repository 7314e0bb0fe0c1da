using Parley.Protocol;

namespace Parley.Chat;

/// <summary>Whose rows a call may see and change.</summary>
public readonly record struct Owner(string ProjectId, string UserId)
{
    /// <summary>The single person of a laptop installation.</summary>
    public static Owner Local { get; } = new(Identity.Local, Identity.Local);
}
