using Parley.Protocol.Generation;

namespace Parley.Gateway.Routing;

/// <summary>A model name as callers know it, and the versions that answer for it. Immutable: a rollout replaces the whole value.</summary>
public sealed record Deployment(string ModelId, IReadOnlyList<DeployedVersion> Versions)
{
    /// <summary>As shown to callers: the version with the largest share.</summary>
    public ModelDescription Description => Versions.MaxBy(version => version.Weight)!.Description with { Id = ModelId };
}

/// <summary>One version of a model: its share of the traffic, at least 0, and the replicas that run it.</summary>
public sealed record DeployedVersion(ModelDescription Description, int Weight, IReadOnlyList<IReplica> Replicas);
