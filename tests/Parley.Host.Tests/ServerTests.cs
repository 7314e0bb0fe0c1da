using System.Net;
using Parley.Host.Serving;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>The server around the API: models, health, metrics, the page, and what keeps it from starting.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task Models_are_listed_and_found()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica("a"));
        var models = (await server.Client().GetOpenAIModelClient().GetModelsAsync()).Value;
        Assert.Equal(("scripted", "parley"), (models.Single().Id, models.Single().OwnedBy));
        Assert.Equal("scripted", (await server.Client().GetOpenAIModelClient().GetModelAsync("scripted")).Value.Id);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/v1/models/other/name")).StatusCode);
    }

    [Fact]
    public async Task Metrics_follow_the_exposition_format_and_count_what_was_settled()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica("a", "b"));
        await server.PostAsync("/v1/completions", """{"model":"scripted","prompt":"a"}""");
        var text = await server.Http.GetStringAsync("/metrics");
        Assert.Contains("# TYPE gen_ai_client_token_usage_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("gen_ai_client_token_usage_total{gen_ai_request_model=\"scripted\",gen_ai_token_type=\"output\"} ", text, StringComparison.Ordinal);
        Assert.Contains("gen_ai_server_request_duration_seconds_bucket{gen_ai_request_model=\"scripted\",outcome=\"completed\",le=\"+Inf\"} ", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line[0] != '#' && line.Split(' ').Length != 2);
    }

    [Fact]
    public async Task Health_says_whether_a_model_is_served()
    {
        await using var ready = await TestServer.StartAsync(new ScriptedReplica("a"));
        await using var empty = await TestServer.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await ready.Http.GetAsync("/health")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await empty.Http.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task The_page_is_served_with_its_own_addresses()
    {
        using var page = new TemporaryFolder();
        await File.WriteAllTextAsync(page.File("index.html"), "<p>page</p>");
        await File.WriteAllTextAsync(page.File("app.js"), "1");
        await using var server = await TestServer.StartAsync(options => options with { PageFolder = page.Path }, new ScriptedReplica("a"));
        Assert.Equal("<p>page</p>", await server.Http.GetStringAsync("/"));
        Assert.Equal("<p>page</p>", await server.Http.GetStringAsync("/c/123"));
        Assert.Equal("1", await server.Http.GetStringAsync("/app.js"));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/missing.js")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/v1/what")).StatusCode);
    }

    [Fact]
    public async Task A_port_or_folder_in_use_is_one_sentence_and_leaves_nothing_locked()
    {
        await using var first = await TestServer.StartAsync(new ScriptedReplica("a"));
        var samePort = await Assert.ThrowsAsync<ParleyException>(() =>
            TestServer.StartAsync(options => options with { Port = first.Http.BaseAddress!.Port }, new ScriptedReplica("a")));
        Assert.Equal($"Port {first.Http.BaseAddress!.Port} is already in use; choose another with --port.", samePort.Message);
        var sameFolder = await Assert.ThrowsAsync<ParleyException>(() =>
            TestServer.StartAsync(options => options with { DataFolder = first.DataFolder }, new ScriptedReplica("a")));
        Assert.Contains("is in use by another Parley server", sameFolder.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.example", null, "--host nowhere.example")]
    [InlineData("127.0.0.1", "/does/not/exist", "--page /does/not/exist")]
    public async Task An_address_or_page_that_is_not_there_is_named(string host, string? page, string part)
    {
        var error = await Assert.ThrowsAsync<ParleyException>(() => TestServer.StartAsync(options => options with { Host = host, PageFolder = page }));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.gguf", "a.gguf", null)]
    [InlineData("a.gguf=mine", "a.gguf", "mine")]
    [InlineData("x=y/a.gguf=mine", "x=y/a.gguf", "mine")]
    public void A_model_option_names_path_and_id(string text, string path, string? id) => Assert.Equal(new ModelSource(path, id), ModelSource.Parse(text));
}
