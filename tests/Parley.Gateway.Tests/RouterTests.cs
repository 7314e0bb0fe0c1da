using Parley.Gateway.Routing;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Tests;

/// <summary>Where requests go: versions by weight, replicas by load.</summary>
public sealed class RouterTests
{
    private readonly ModelRegistry _registry = new();

    [Fact]
    public void The_replica_with_the_fewest_running_requests_is_next()
    {
        IReplica[] replicas = [new BreakingReplica(true), new BreakingReplica(true), new BreakingReplica(true)];
        Array.ForEach(replicas, _registry.Add);
        var router = new Router(_registry, new Random(1));
        var routes = Enumerable.Range(0, 6).Select(_ => router.Pick("breaking")).ToArray();
        Assert.All(replicas, replica => Assert.Equal(2, routes.Count(route => route.Replica == replica)));
        routes[4].Dispose();
        routes[4].Dispose();
        Assert.Same(routes[4].Replica, router.Pick("breaking").Replica);
    }

    [Fact]
    public void Versions_get_traffic_by_weight()
    {
        var (old, young, idle) = (new BreakingReplica(true), new BreakingReplica(true), new BreakingReplica(true));
        _registry.Set(new Deployment("m", [Version("old", 3, old), Version("young", 1, young), Version("idle", 0, idle)]));
        var router = new Router(_registry, new Random(1));
        var counts = Enumerable.Range(0, 4000).Select(_ => router.Pick("m").Model.Version).CountBy(version => version).ToDictionary();
        Assert.InRange(counts["old"], 2850, 3150);
        Assert.False(counts.ContainsKey("idle"));
        Assert.Equal(("m", "old"), (_registry.Models.Single().Id, _registry.Models.Single().Version));
    }

    [Fact]
    public void What_is_not_there_or_takes_no_traffic_is_said()
    {
        _registry.Set(new Deployment("off", [Version("v", 0, new BreakingReplica(true))]));
        var router = new Router(_registry, new Random(1));
        Assert.Equal("no_version", Assert.Throws<ParleyException>(() => router.Pick("off")).Error.Code);
        var unknown = Assert.Throws<ParleyException>(() => router.Pick("gone"));
        Assert.Equal((404, "model_not_found", "model"), (unknown.Status, unknown.Error.Code, unknown.Error.Param));
    }

    private static DeployedVersion Version(string name, int weight, IReplica replica) => new(new ModelDescription("m", name, 64, 1, 0), weight, [replica]);
}
