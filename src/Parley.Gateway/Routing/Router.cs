using System.Collections.Concurrent;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Routing;

/// <summary>Picks who answers: a version by its weight, then that version's replica with the fewest requests running.</summary>
public sealed class Router(ModelRegistry registry, Random random)
{
    private readonly ConcurrentDictionary<IReplica, Load> _loads = new(ReferenceEqualityComparer.Instance);

    /// <summary>Picks and counts one request on the replica until the route is disposed.</summary>
    /// <exception cref="ParleyException">404: no such model; 503: no version of it takes traffic.</exception>
    public Route Pick(string model)
    {
        var deployment = registry.Find(model);
        var version = PickVersion(deployment);
        var replica = version.Replicas.MinBy(candidate => LoadOf(candidate).Running)
            ?? throw ParleyException.Server(503, $"The model '{model}' has no running replica; try again later.", "no_replica");
        return new Route(replica, version.Description, LoadOf(replica));
    }

    private DeployedVersion PickVersion(Deployment deployment)
    {
        var total = deployment.Versions.Sum(version => version.Weight);
        if (total <= 0)
        {
            throw ParleyException.Server(503, $"No version of the model '{deployment.ModelId}' takes traffic; give one a weight.", "no_version");
        }

        int draw;
        lock (random)
        {
            draw = random.Next(total);
        }

        foreach (var version in deployment.Versions)
        {
            draw -= version.Weight;
            if (draw < 0)
            {
                return version;
            }
        }

        return deployment.Versions[^1];
    }

    private Load LoadOf(IReplica replica) => _loads.GetOrAdd(replica, _ => new Load());
}

/// <summary>Where a request goes. Disposing it, once, takes the request off the replica's count.</summary>
public sealed class Route : IDisposable
{
    private readonly Load _load;
    private int _left;

    internal Route(IReplica replica, ModelDescription model, Load load)
    {
        (Replica, Model, _load) = (replica, model, load);
        load.Enter();
    }

    public IReplica Replica { get; }

    /// <summary>The version that answers.</summary>
    public ModelDescription Model { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            _load.Leave();
        }
    }
}

/// <summary>Requests running on one replica.</summary>
internal sealed class Load
{
    private int _running;

    public int Running => Volatile.Read(ref _running);

    public void Enter() => Interlocked.Increment(ref _running);

    public void Leave() => Interlocked.Decrement(ref _running);
}
