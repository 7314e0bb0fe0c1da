using System.Collections.Immutable;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Routing;

/// <summary>Which models are served, and by what. Read without a lock; changed by replacing a deployment as a whole.</summary>
public sealed class ModelRegistry
{
    private ImmutableList<Deployment> _deployments = [];

    /// <summary>In the order they were added: the first is the default.</summary>
    public IReadOnlyList<Deployment> Deployments => _deployments;

    public IReadOnlyList<ModelDescription> Models => [.. _deployments.Select(deployment => deployment.Description)];

    /// <summary>Adds each model of a replica; replicas of an equal version share its traffic.</summary>
    public void Add(IReplica replica)
    {
        foreach (var model in replica.Models)
        {
            ImmutableInterlocked.Update(ref _deployments, deployments => With(deployments, model, replica));
        }
    }

    /// <summary>Puts a deployment in the place of the one with its name, or at the end.</summary>
    public void Set(Deployment deployment) => ImmutableInterlocked.Update(ref _deployments, deployments =>
    {
        var index = deployments.FindIndex(known => known.ModelId == deployment.ModelId);
        return index < 0 ? deployments.Add(deployment) : deployments.SetItem(index, deployment);
    });

    /// <summary>Takes a deployment out: whoever asks for it from now on is told that it is not there. False when there was none.</summary>
    public bool Remove(string model) =>
        ImmutableInterlocked.Update(ref _deployments, deployments => deployments.RemoveAll(deployment => deployment.ModelId == model));

    /// <exception cref="ParleyException">404 model_not_found.</exception>
    public Deployment Find(string model) =>
        _deployments.Find(deployment => deployment.ModelId == model)
        ?? throw ParleyException.UnknownModel(model, _deployments.Select(deployment => deployment.ModelId));

    private static ImmutableList<Deployment> With(ImmutableList<Deployment> deployments, ModelDescription model, IReplica replica)
    {
        var index = deployments.FindIndex(known => known.ModelId == model.Id);
        if (index < 0)
        {
            return deployments.Add(new Deployment(model.Id, [new DeployedVersion(model, 1, [replica])]));
        }

        var versions = deployments[index].Versions.ToImmutableList();
        var same = versions.FindIndex(version => version.Description.Version == model.Version);
        versions = same < 0
            ? versions.Add(new DeployedVersion(model, 1, [replica]))
            : versions.SetItem(same, versions[same] with { Replicas = [.. versions[same].Replicas, replica] });
        return deployments.SetItem(index, deployments[index] with { Versions = versions });
    }
}
