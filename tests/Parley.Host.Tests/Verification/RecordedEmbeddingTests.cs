using Parley.Host.Verification;
using Parley.Testing;

namespace Parley.Host.Tests.Verification;

/// <summary>
/// llama.cpp's vectors, recorded by <c>./run verify embeddings --record tests/Parley.Host.Tests/Verification/llama-embeddings.json</c>, and ours of
/// the same tiny models, through a file, a tokenizer, an engine and a replica.
/// </summary>
public sealed class RecordedEmbeddingTests
{
    public static TheoryData<string> Names => [.. EmbeddingCase.All.Select(chosen => chosen.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task Ours_are_llama_cpps(string name)
    {
        var chosen = EmbeddingCase.All.Single(one => one.Name == name);
        var recorded = RecordedEmbeddings.Read(Path.Combine(Repository.Root, "tests", "Parley.Host.Tests", "Verification", "llama-embeddings.json"))[name];
        using var folder = new TemporaryFolder();
        var path = folder.File("tiny.gguf");
        TinyModelFile.Write(path, chosen);
        var ours = await EmbeddingCheck.OursAsync(chosen, path, TestContext.Current.CancellationToken);
        Assert.Equal(EmbeddingCase.Texts.Count, ours.Count);
        Assert.All(ours.Zip(recorded), pair => Assert.True(EmbeddingCheck.IsAlike(chosen, EmbeddingCheck.Likeness(chosen, pair.First, pair.Second))));
        Assert.False(EmbeddingCheck.IsAlike(chosen, EmbeddingCheck.Likeness(chosen, ours[0], recorded[1])), "texts too alike to prove anything");
    }
}
