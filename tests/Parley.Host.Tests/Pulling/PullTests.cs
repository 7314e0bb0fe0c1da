using Parley.Host.Pulling;
using Parley.Models;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Host.Tests.Pulling;

/// <summary>Downloads from a hub that drops connections, ignores ranges, is busy, or changes files in between.</summary>
public sealed class PullTests : IAsyncLifetime, IDisposable
{
    private const string File = "little-Q8_0.gguf";
    private readonly TemporaryFolder _folder = new();
    private readonly EagerTime _time = new();
    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await FakeHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_quantisation_arrives_whole_with_its_manifest()
    {
        _hub.Add(File, Gguf(1));
        _hub.Add("little-Q4_0.gguf", Gguf(2));
        _hub.Add("mmproj-little-Q8_0.gguf", Gguf(3));
        var model = await PullAsync("hf:someone/little-GGUF:q8_0");
        Assert.Equal(("little-Q8_0", "hf:someone/little-GGUF:q8_0"), (model.Manifest.Name, model.Manifest.Source));
        Assert.Equal(_hub.File(File), await System.IO.File.ReadAllBytesAsync(model.Path, TestContext.Current.CancellationToken));
        Assert.Equal([File, StoredModelManifest.FileName], Directory.EnumerateFiles(model.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        StoreVerification.Run(model, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["little-Q8_0"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Empty(_time.Waits);
        Assert.All(_hub.Tokens, token => Assert.Equal("Bearer secret", token));
    }

    [Fact]
    public async Task Broken_connections_are_taken_up_where_they_broke()
    {
        _hub.Add(File, Gguf(1));
        _hub.DropAfter(1000);
        _hub.DropAfter(0);
        _hub.DropAfter(2000);
        var model = await PullAsync("hf:someone/little");
        StoreVerification.Run(model, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["", "bytes=1000-", "bytes=1000-", "bytes=3000-"], _hub.Ranges);
        Assert.Equal([1, 2, 1], _time.Waits.Select(wait => wait.TotalSeconds)); // a try that brought something counts anew
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_starts_over_and_one_that_is_busy_is_waited_for()
    {
        _hub.Add(File, Gguf(1));
        _hub.ListStatus.Enqueue(503);
        _hub.Answer(503);
        _hub.DropAfter(1000);
        _hub.Answer(429, retryAfter: "20");
        _hub.IgnoreRange();
        StoreVerification.Run(await PullAsync("hf:someone/little"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["", "", "bytes=1000-", "bytes=1000-"], _hub.Ranges);
        Assert.Equal([1, 1, 1, 20], _time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task A_file_that_changes_in_between_starts_over()
    {
        _hub.Add(File, Gguf(1));
        _hub.PromisedHash = Hash(Gguf(2));
        _hub.DropAfter(1000);
        _hub.Change(Gguf(2), "\"v2\"");
        var model = await PullAsync("hf:someone/little");
        Assert.Equal(Gguf(2), await System.IO.File.ReadAllBytesAsync(model.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_interrupted_run_is_taken_up_by_the_next()
    {
        _hub.Add(File, Gguf(1));
        _hub.DropAfter(1000);
        for (var i = 1; i < Retries.MostFruitlessTries; i++)
        {
            _hub.Answer(503);
        }

        Assert.Contains("goes on where it stopped", (await RefusalAsync("hf:someone/little")).Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 4, 8, 16], _time.Waits.Select(wait => wait.TotalSeconds));
        var part = Path.Combine(_folder.Path, ".little-Q8_0.pull", File + ".part");
        Assert.Equal(1000, new FileInfo(part).Length);
        _hub.Ranges.Clear();
        StoreVerification.Run(await PullAsync("hf:someone/little"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["bytes=1000-"], _hub.Ranges);
    }

    [Fact]
    public async Task Parts_that_were_damaged_meanwhile_are_thrown_away_once()
    {
        _hub.Add(File, Gguf(1));
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, ".little-Q8_0.pull")).FullName;
        await System.IO.File.WriteAllBytesAsync(Path.Combine(folder, File + ".part"), new byte[500], TestContext.Current.CancellationToken);
        StoreVerification.Run(await PullAsync("hf:someone/little"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["bytes=500-", ""], _hub.Ranges);
    }

    [Fact]
    public async Task A_hash_that_does_not_fit_is_refused()
    {
        _hub.Add(File, Gguf(1));
        _hub.PromisedHash = Hash(Gguf(2));
        Assert.Contains("SHA-256", (await RefusalAsync("hf:someone/little")).Message, StringComparison.Ordinal);
        Assert.Equal([""], _hub.Ranges);
        Assert.Empty(new ModelStore(_folder.Path).List());
    }

    [Theory]
    [InlineData(401, "HF_TOKEN")]
    [InlineData(403, "accept the model's terms")]
    [InlineData(404, "There is no 'someone/little'")]
    [InlineData(418, "answers 418")]
    public async Task A_refusal_is_one_sentence(int status, string sentence)
    {
        _hub.ListStatus.Enqueue(status);
        var message = (await RefusalAsync("hf:someone/little")).Message;
        Assert.Contains(sentence, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_named_after_a_few_tries()
    {
        await _hub.DisposeAsync();
        Assert.Contains("127.0.0.1 cannot be reached: Connection refused", (await RefusalAsync("hf:someone/little")).Message, StringComparison.Ordinal);
        Assert.Equal(Retries.MostFruitlessTries - 1, _time.Waits.Count);
    }

    [Fact]
    public async Task What_arrives_must_be_a_model()
    {
        _hub.Add(File, "no model at all"u8.ToArray());
        await Assert.ThrowsAsync<ModelFormatException>(() => PullAsync("hf:someone/little"));
        Assert.Empty(new ModelStore(_folder.Path).List());
    }

    [Fact]
    public async Task A_name_that_is_taken_is_told_before_anything_is_downloaded()
    {
        _hub.Add(File, Gguf(1));
        await PullAsync("hf:someone/little");
        _hub.Ranges.Clear();
        await Assert.ThrowsAsync<ModelFormatException>(() => PullAsync("hf:someone/little"));
        Assert.Empty(_hub.Ranges);
        Assert.Equal("again", (await PullAsync("hf:someone/little", "again")).Manifest.Name);
    }

    private static byte[] Gguf(int seed)
    {
        using var tensor = Tensor.Allocate(new Shape(32, 64));
        Philox.FillNormal(tensor, (ulong)seed, 1, 1f);
        using var stream = new MemoryStream();
        GgufWriter.Write(stream, new GgufMetadata { ["general.architecture"] = "test" }, [GgufTensorSource.Of("a.weight", tensor)]);
        return stream.ToArray();
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

    private async Task<PullFailure> RefusalAsync(string reference) => await Assert.ThrowsAsync<PullFailure>(() => PullAsync(reference));

    private async Task<StoredModel> PullAsync(string reference, string? name = null)
    {
        using var http = HubClient.CreateHttp("secret");
        var retries = new Retries(_time);
        return await new ModelPull(http, new HubClient(http, _hub.Address, retries), retries, new ModelStore(_folder.Path), _time) { Progress = (_, done, _) => _hub.Arrived(done) }
            .RunAsync(HubReference.Parse(reference), name, TestContext.Current.CancellationToken);
    }
}
