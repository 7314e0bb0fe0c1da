using Parley.Protocol;

namespace Parley.Gateway.Keys;

/// <summary>Who a call is from, once that is known. <paramref name="KeyId"/> is null for the local person without a key.</summary>
public sealed record Caller(string ProjectId, string UserId, Guid? KeyId)
{
    /// <summary>The person in front of the machine.</summary>
    public static Caller Local { get; } = new(Identity.Local, Identity.Local, null);
}
