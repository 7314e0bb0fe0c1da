using Parley.Gateway.Routing;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Tests;

/// <summary>An adapter is a deployment as long as it is loaded, in all replicas of its model or in none.</summary>
public sealed class AdapterDeploymentTests
{
    private readonly ModelRegistry _registry = new();
    private readonly AdapterDeployments _adapters;

    public AdapterDeploymentTests() => _adapters = new(_registry);

    [Fact]
    public void It_is_loaded_into_every_replica_and_taken_out_of_every_one()
    {
        AdaptableReplica[] replicas = [new(), new()];
        Array.ForEach(replicas, _registry.Add);
        Assert.Equal(("poet", "base"), (_adapters.Load("poet", "p", null, replaces: false).Id, _registry.Find("poet").Description.Parent));
        Assert.All(replicas, replica => Assert.Equal(["poet"], replica.Loaded));
        Assert.Equal(2, _registry.Find("poet").Versions.Single().Replicas.Count);
        Assert.Equal("lora_name", Refusal(() => _adapters.Load("poet", "p", "base", replaces: false)).Error.Param);
        Assert.Equal("lora_name", Refusal(() => _adapters.Load("base", "p", null, replaces: true)).Error.Param);
        _adapters.Load("poet", "other", "base", replaces: true);
        _adapters.Unload("poet");
        Assert.All(replicas, replica => Assert.Empty(replica.Loaded));
        Assert.Equal(404, Refusal(() => _adapters.Unload("poet")).Status);
        Assert.Equal("lora_name", Refusal(() => _adapters.Unload("base")).Error.Param);
    }

    [Fact]
    public void What_one_replica_refuses_is_in_none()
    {
        AdaptableReplica[] replicas = [new(), new() { Refuses = true }];
        Array.ForEach(replicas, _registry.Add);
        Refusal(() => _adapters.Load("poet", "p", null, replaces: false));
        Assert.All(replicas, replica => Assert.Empty(replica.Loaded));
        Assert.Equal("base", Assert.Single(_registry.Models).Id);
    }

    [Fact]
    public void A_model_that_cannot_be_adapted_says_so()
    {
        Assert.Equal(503, Refusal(() => _adapters.Load("poet", "p", null, replaces: false)).Status);
        _registry.Add(new BreakingReplica(true));
        Assert.Equal("base_model_name", Refusal(() => _adapters.Load("poet", "p", "breaking", replaces: false)).Error.Param);
        Assert.Equal(404, Refusal(() => _adapters.Load("poet", "p", "unknown", replaces: false)).Status);
    }

    private static ParleyException Refusal(Func<object> call) => Assert.Throws<ParleyException>(call);

    private sealed class AdaptableReplica : IAdapterReplica
    {
        public bool Refuses { get; init; }

        public List<string> Loaded { get; } = [];

        public IReadOnlyList<ModelDescription> Models { get; } = [new("base", "v", 64, 1, 0)];

        public ModelDescription LoadAdapter(string name, string path, bool replaces = false)
        {
            if (Refuses)
            {
                throw ParleyException.InvalidRequest("No.", "lora_path");
            }

            Loaded.Remove(name);
            Loaded.Add(name);
            return new(name, "v+" + path, 64, 2, 0) { Parent = "base" };
        }

        public bool UnloadAdapter(string name) => Loaded.Remove(name);

        public IAsyncEnumerable<GenerationEvent> Generate(GenerationRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
