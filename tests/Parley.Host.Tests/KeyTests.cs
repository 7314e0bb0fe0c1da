using System.ClientModel;
using System.Net;
using System.Net.Http.Headers;
using Parley.Gateway.Keys;
using Parley.Gateway.Limits;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>Who may come in: the holder of a valid key, and this machine's own callers where that is allowed.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task A_key_opens_and_names_project_and_key_until_it_is_revoked()
    {
        var replica = new ScriptedReplica("a");
        await using var server = await TestServer.StartAsync(options => options with { AllowLoopbackWithoutKey = false }, replica);
        var (key, secret) = await server.Get<ApiKeys>().CreateAsync("test", "shop", "ann");
        var client = server.Client(secret).GetChatClient(ScriptedReplica.ModelId);
        await client.CompleteChatAsync("x");
        Assert.Equal(("shop", "ann", (Guid?)key.Id), (replica.Requests[0].ProjectId, replica.Requests[0].UserId, replica.Requests[0].KeyId));
        var entry = Assert.Single(await server.Ledger.ReadAsync("shop", 10));
        Assert.Equal(key.Id, entry.KeyId);
        await server.Get<ApiKeys>().RevokeAsync(key.Prefix);
        Assert.Equal(401, (await Assert.ThrowsAsync<ClientResultException>(() => client.CompleteChatAsync("x"))).Status);
        Assert.DoesNotContain(secret, await File.ReadAllTextAsync(Path.Combine(server.DataFolder, "parley.db-wal")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, 401)]
    [InlineData(false, "sk-parley-wrong", 401)]
    [InlineData(false, "none", 401)]
    [InlineData(true, null, 200)]
    [InlineData(true, "none", 200)]
    [InlineData(true, "sk-parley-wrong", 401)]
    public async Task Loopback_needs_no_key_only_where_allowed(bool allowed, string? key, int status)
    {
        await using var server = await TestServer.StartAsync(options => options with { AllowLoopbackWithoutKey = allowed }, new ScriptedReplica("a"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var answer = await server.Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/health")).StatusCode);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    public async Task What_comes_through_this_machine_is_not_from_it(string header, string value)
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica("a"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation(header, value);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Too_many_calls_at_once_are_asked_to_come_back()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(
            options => options with { Limits = new LimitOptions { MaxConcurrentPerProject = 1 } }, new ScriptedReplica("a") { Gate = gate });
        using var first = await StreamReader(server);
        await first.ReadLineAsync();
        using var second = await server.Http.PostAsync(
            "/v1/chat/completions", new StringContent("""{"model":"scripted","messages":[{"role":"user","content":"x"}]}"""));
        Assert.Equal((HttpStatusCode)429, second.StatusCode);
        Assert.Equal("1", second.Headers.GetValues("Retry-After").Single());
        gate.Release(2);
        await first.ReadToEndAsync();
    }

    private static async Task<StreamReader> StreamReader(TestServer server)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"model":"scripted","messages":[{"role":"user","content":"x"}],"stream":true}"""),
        };
        var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new StreamReader(await answer.Content.ReadAsStreamAsync());
    }
}
