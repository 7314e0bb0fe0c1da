using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Inference.Tests;

/// <summary>Adapters by name: found, described, replaced, and gone only when nobody uses them any more.</summary>
public sealed class ReplicaAdapterTests() : TinyReplica(runs: true)
{
    [Fact]
    public async Task AnAdapterIsAModelOfItsOwnNameAndVersion()
    {
        var adapter = TinyAdapters.Create(Model.Config, 1);
        Replica.AddAdapter("poet", adapter);
        var version = $"{Model.Decoder.WeightsId}+{adapter.Id}";
        Assert.Equal(["tiny", "poet"], Replica.Models.Select(model => model.Id));
        Assert.Equal(("tiny", version, TinyModel.Config.ParameterCount + adapter.ParameterCount), (Replica.Models[1].Parent, Replica.Models[1].Version, Replica.Models[1].Parameters));
        var (plain, poet, named) = (await Read("tiny"), await Read("poet"), await Read("tiny", "poet"));
        Assert.Equal((Model.Decoder.WeightsId, version, version), (plain.Version, poet.Version, named.Version));
        Assert.Equal(poet.Tokens, named.Tokens);
        Assert.NotEqual(plain.Tokens, poet.Tokens);
    }

    [Fact]
    public async Task VectorsAreAdaptedToo()
    {
        Replica.AddAdapter("poet", TinyAdapters.Create(Model.Config, 1));
        GenerationRequest Embed(string model) => new()
        {
            Model = model,
            Input = new GenerationInput.Many([new GenerationInput.Text("a bit")]),
            Sampling = new() { Seed = 0 },
            Vector = new() { Kind = VectorKind.Embedding },
        };
        async Task<IReadOnlyList<float>> Vector(string model) => (await Replica.Generate(Embed(model)).ToListAsync()).Single(entry => entry.Vector is not null).Vector!;
        Assert.NotEqual(await Vector("tiny"), await Vector("poet"));
    }

    [Fact]
    public async Task UnloadingLetsRunningRequestsEndAndTurnsNewOnesAway()
    {
        var adapter = TinyAdapters.Create(Model.Config, 1);
        Replica.AddAdapter("poet", adapter);
        var whole = await Read("poet");
        await using (var running = Replica.Generate(Request("poet")).GetAsyncEnumerator())
        {
            Assert.True(await running.MoveNextAsync());
            Assert.True(Replica.UnloadAdapter("poet"));
            Assert.False(Replica.UnloadAdapter("poet"));
            Assert.Equal("model_not_found", (await Assert.ThrowsAsync<ParleyException>(() => Read("poet"))).Error.Code);
            Assert.False(adapter.IsFreed);
            var tokens = new List<int>();
            while (await running.MoveNextAsync())
            {
                tokens.AddRange(running.Current.TokenIds);
            }

            Assert.Equal(whole.Tokens, tokens);
        }

        Assert.True(adapter.IsFreed);
        Assert.Equal("tiny", Assert.Single(Replica.Models).Id);
    }

    [Fact]
    public async Task ANameIsTakenOnceUnlessItIsReplacedAndThenOldBlocksAreNotFound()
    {
        var (old, young) = (TinyAdapters.Create(Model.Config, 1), TinyAdapters.Create(Model.Config, 2));
        Replica.AddAdapter("poet", old);
        var before = await Read("poet");
        foreach (var name in new[] { "tiny", "poet", " ", "a\nb", new string('x', 300) })
        {
            var refused = TinyAdapters.Create(Model.Config, 3);
            var error = Assert.Throws<ParleyException>(() => Replica.AddAdapter(name, refused));
            Assert.Equal((400, "lora_name", true), (error.Status, error.Error.Param, refused.IsFreed));
        }

        Assert.Equal(before.Tokens, (await Read("poet")).Tokens);
        Replica.AddAdapter("poet", young, replaces: true);
        Assert.True(old.IsFreed);
        var after = await Read("poet");
        Assert.NotEqual(before.Tokens, after.Tokens);
        Assert.Equal((0, $"{Model.Decoder.WeightsId}+{young.Id}"), (after.Cached, after.Version));
    }

    [Fact]
    public async Task WhatCannotBeLoadedIsSaidAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<ParleyException>(() => Replica.LoadAdapter("poet", folder.File("nothing")));
        Assert.Equal((400, "lora_path"), (error.Status, error.Error.Param));
        Assert.Single(Replica.Models);
        using (var adapter = TinyAdapters.Create(Model.Config, 1))
        {
            AdapterWriter.WritePeft(folder.File("poet"), adapter, Model.Config);
            Assert.Equal($"{Model.Decoder.WeightsId}+{adapter.Id}", Replica.LoadAdapter("poet", folder.File("poet")).Version);
        }

        Assert.Equal("adapter", (await Assert.ThrowsAsync<ParleyException>(() => Read("tiny", "critic"))).Error.Param);
        Assert.Equal("adapter", (await Assert.ThrowsAsync<ParleyException>(() => Read("poet", "poet"))).Error.Param);
    }

    private static GenerationRequest Request(string model, string? adapter = null) => new()
    {
        Model = model,
        Adapter = adapter,
        Input = new GenerationInput.Text("a bit of text that is longer than two blocks of the cache"),
        Sampling = new() { Seed = 1, Temperature = 0 },
        MaxOutputTokens = 24,
        StopTokenIds = [],
    };

    private async Task<(string? Version, int[] Tokens, int Cached)> Read(string model, string? adapter = null)
    {
        var events = await Replica.Generate(Request(model, adapter)).ToListAsync();
        return (events[0].ModelVersion, [.. events.SelectMany(entry => entry.TokenIds)], events[^1].Usage!.CachedTokens);
    }
}
