using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>Adapters over HTTP: loaded, listed, used side by side, replaced, unloaded; and nothing outside the folder for them.</summary>
public sealed class AdapterRoutesTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly LoadedModel _model = TinyModel.Create(contextLength: 64);
    private readonly ModelServer _models;

    public AdapterRoutesTests() => _models = new ModelServer().With(_model);

    private TestServer Server => _models.Server;

    public async ValueTask InitializeAsync()
    {
        foreach (var seed in new ulong[] { 1, 2 })
        {
            using var adapter = Adapter.Initialize(_model.Config, ["q_proj", "v_proj", "up_proj", "down_proj"], 4, 64, seed);
            foreach (var (parameter, stream) in adapter.Parameters.Select((parameter, i) => (parameter, (ulong)i)))
            {
                Philox.FillNormal(parameter.Value, seed, stream, 1);
            }

            AdapterWriter.WritePeft(_folder.File($"adapter{seed}"), adapter, _model.Config);
        }

        await _models.StartAsync(options => options with { AdapterFolder = _folder.Path });
    }

    public async ValueTask DisposeAsync()
    {
        await _models.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Two_are_loaded_listed_used_at_once_and_unloaded()
    {
        var first = await LoadAsync("one", "adapter1");
        var second = await LoadAsync("two", _folder.File("adapter2"));
        Assert.Equal(("one", "tiny"), ((string?)first["id"], (string?)first["parent"]));
        var listed = (await Server.Http.GetFromJsonAsync<JsonNode>("/v1/models"))!["data"]!.AsArray();
        Assert.Equal(["tiny", "one", "two"], listed.Select(model => (string)model!["id"]!));
        Assert.Null(listed[0]!["parent"]);
        Assert.Equal("one", (string?)(await Server.Http.GetFromJsonAsync<JsonNode>("/v1/models/one"))!["id"]);

        string[] models = ["tiny", "one", "two", "one", "tiny", "two"];
        var together = await Task.WhenAll(models.Select(CompleteAsync));
        Assert.Equal(3, together.Select(answer => answer.Text).Distinct().Count());
        Assert.Equal(3, together.Select(answer => answer.Fingerprint).Distinct().Count());
        Assert.Equal((together[0], together[1], together[2]), (together[4], together[3], together[5]));
        for (var i = 0; i < models.Length; i++)
        {
            Assert.Equal(together[i], await CompleteAsync(models[i]));
        }


        var entries = await Server.EntriesAsync(12);
        Assert.Equal((string?)first["version"], entries.First(entry => entry.Model == "one").ModelVersion);
        Assert.Equal((string?)second["version"], entries.First(entry => entry.Model == "two").ModelVersion);

        var (status, gone) = await Server.PostAsync("/v1/unload_lora_adapter", """{"lora_name":"one"}""");
        Assert.Equal((200, "one"), (status, (string?)gone["id"]));
        (status, var error) = await Server.PostAsync("/v1/completions", """{"model":"one","prompt":"the cat"}""");
        Assert.Equal((404, "model_not_found"), (status, (string?)error["error"]!["code"]));
        Assert.Equal(together[2], await CompleteAsync("two"));
    }

    [Fact]
    public async Task Under_one_name_other_contents_give_another_answer()
    {
        await LoadAsync("one", "adapter1");
        var before = await CompleteAsync("one");
        Assert.Equal("lora_name", await RefusedAsync(400, "load", """{"lora_name":"one","lora_path":"adapter2"}"""));
        var (status, _) = await Server.PostAsync("/v1/load_lora_adapter", """{"lora_name":"one","lora_path":"adapter2","load_inplace":true,"base_model_name":"tiny"}""");
        var after = await CompleteAsync("one");
        Assert.Equal(200, status);
        Assert.NotEqual(before.Fingerprint, after.Fingerprint);
        Assert.NotEqual(before.Text, after.Text);
    }

    [Fact]
    public async Task What_cannot_be_loaded_is_refused_by_the_parameter()
    {
        foreach (var path in new[] { "../x", "/etc", "", ".", "adapter1/../..", "a\\u0000b" })
        {
            Assert.Equal("lora_path", await RefusedAsync(400, "load", $$"""{"lora_name":"one","lora_path":"{{path}}"}"""));
        }

        Assert.Equal("lora_path", await RefusedAsync(400, "load", """{"lora_name":"one","lora_path":"nothing"}"""));
        Assert.Equal("lora_path", await RefusedAsync(400, "load", """{"lora_name":"one"}"""));
        Assert.Equal("lora_name", await RefusedAsync(400, "load", """{"lora_name":"","lora_path":"adapter1"}"""));
        Assert.Equal("lora_name", await RefusedAsync(400, "load", """{"lora_name":"tiny","lora_path":"adapter1"}"""));
        Assert.Equal("wrong", await RefusedAsync(400, "load", """{"lora_name":"one","lora_path":"adapter1","wrong":1}"""));
        Assert.Equal("model", await RefusedAsync(404, "load", """{"lora_name":"one","lora_path":"adapter1","base_model_name":"huge"}"""));
        Assert.Equal("model", await RefusedAsync(404, "unload", """{"lora_name":"one"}"""));
        Assert.Equal("lora_name", await RefusedAsync(400, "unload", """{"lora_name":"tiny"}"""));
        Assert.Single(_models.Replicas[0].Models);
    }

    [Fact]
    public async Task Without_a_folder_for_them_nothing_can_be_loaded_or_unloaded()
    {
        await using var server = await TestServer.StartAsync(_models.Replicas[0]);
        foreach (var route in new[] { "load", "unload" })
        {
            var (status, error) = await server.PostAsync($"/v1/{route}_lora_adapter", """{"lora_name":"one","lora_path":"adapter1"}""");
            Assert.Equal((403, "adapters_fixed"), (status, (string?)error["error"]!["code"]));
        }
    }

    private async Task<JsonNode> LoadAsync(string name, string path)
    {
        var (status, body) = await Server.PostAsync("/v1/load_lora_adapter", $$"""{"lora_name":"{{name}}","lora_path":{{JsonSerializer.Serialize(path)}}}""");
        Assert.True(status == 200, body.ToJsonString());
        return body;
    }

    private async Task<string?> RefusedAsync(int expected, string route, string json)
    {
        var (status, body) = await Server.PostAsync($"/v1/{route}_lora_adapter", json);
        Assert.True(status == expected, $"{json}: {status} {body.ToJsonString()}");
        return (string?)body["error"]!["param"];
    }

    private async Task<(string Text, string Fingerprint)> CompleteAsync(string model)
    {
        var (status, body) = await Server.PostAsync(
            "/v1/completions", $$"""{"model":"{{model}}","prompt":"the cat sat on the mat and the rat sat on the cat and the mat","max_tokens":12,"temperature":0}""");
        Assert.True(status == 200, body.ToJsonString());
        return ((string)body["choices"]![0]!["text"]!, (string)body["system_fingerprint"]!);
    }
}
