using Parley.Host.Verification;
using Parley.Testing;

namespace Parley.Host.Tests.Verification;

/// <summary>
/// llama.cpp's last logits under adapters, recorded by <c>./run verify adapters --record tests/Parley.Host.Tests/Verification/llama-adapters.json</c>,
/// and ours of one batch that holds every adapter and none.
/// </summary>
public sealed class RecordedAdapterTests
{
    public static TheoryData<string> Names => [.. AdapterCase.All.Select(chosen => chosen.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Ours_are_llama_cpps(string name)
    {
        var chosen = AdapterCase.All.Single(one => one.Name == name);
        var recorded = RecordedEmbeddings.Read(Path.Combine(Repository.Root, "tests", "Parley.Host.Tests", "Verification", "llama-adapters.json"))[name];
        using var folder = new TemporaryFolder();
        var (model, adapters) = chosen.WriteFiles(folder.Path);
        var ours = AdapterCheck.Ours(chosen, model, adapters);
        Assert.Equal(1 + AdapterCase.Adapters, ours.Length);
        Assert.All(ours.Zip(recorded), pair => Assert.InRange(EmbeddingCheck.Cosine(pair.First[^1], pair.Second), AdapterCheck.LeastCosine, 1.001));
        Assert.All(ours.Zip(recorded.Skip(1)), pair => Assert.InRange(EmbeddingCheck.Cosine(pair.First[^1], pair.Second), -1, 0.99)); // too alike would prove nothing
    }
}
