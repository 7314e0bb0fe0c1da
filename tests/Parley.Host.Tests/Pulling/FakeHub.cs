using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Parley.Host.Tests.Pulling;

/// <summary>A hub on a free loopback port that misbehaves as told: each request for a file takes the next injury of a queue, then it behaves.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Func<HttpContext, FakeHub, string, Task>> _injuries = new();

    private readonly Channel<long> _arrivals = Channel.CreateUnbounded<long>();

    private FakeHub(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>The Range header of every request for a file, "" where there was none.</summary>
    public ConcurrentQueue<string> Ranges { get; } = new();

    public ConcurrentQueue<string> Tokens { get; } = new();

    /// <summary>Status of the next answers to a list, while above zero in number.</summary>
    public ConcurrentQueue<int> ListStatus { get; } = new();

    public string Tag { get; set; } = "\"v1\"";

    /// <summary>Hash that the list promises; null: the right one.</summary>
    public string? PromisedHash { get; set; }

    public static async Task<FakeHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hub = new FakeHub(builder.Build());
        hub._app.MapGet("/api/models/{owner}/{name}/tree/{revision}", hub.ListAsync);
        hub._app.MapGet("/{owner}/{name}/resolve/{revision}/{**path}", hub.FileAsync);
        await hub._app.StartAsync();
        hub.Address = new Uri(hub._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/");
        return hub;
    }

    public void Add(string path, byte[] bytes) => _files[path] = bytes;

    public byte[] File(string path) => _files[path];

    /// <summary>The puller tells how much it has, because a broken connection also takes the bytes that were not read yet.</summary>
    public void Arrived(long bytes) => _arrivals.Writer.TryWrite(bytes);

    /// <summary>Breaks the connection of the next request once some bytes of its body have arrived.</summary>
    public void DropAfter(int bytes) => Injure(async (context, hub, path) =>
    {
        var (start, total) = hub.Begin(context, path, ignoreRange: false);
        await context.Response.Body.WriteAsync(hub._files[path].AsMemory(start, Math.Min(bytes, total - start)));
        await context.Response.Body.FlushAsync();
        while (await hub._arrivals.Reader.ReadAsync(context.RequestAborted) < start + bytes)
        {
        }

        context.Abort();
    });

    public void IgnoreRange() => Injure((context, hub, path) => hub.SendAsync(context, path, ignoreRange: true));

    public void Answer(int status, string? retryAfter = null) => Injure((context, _, _) =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    });

    /// <summary>The next request finds other bytes under another tag.</summary>
    public void Change(byte[] bytes, string tag) => Injure((context, hub, path) =>
    {
        (hub._files[path], hub.Tag) = (bytes, tag);
        return hub.SendAsync(context, path, ignoreRange: false);
    });

    public void Behave() => Injure((context, hub, path) => hub.SendAsync(context, path, ignoreRange: false));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private void Injure(Func<HttpContext, FakeHub, string, Task> injury) => _injuries.Enqueue(injury);

    private async Task ListAsync(HttpContext context)
    {
        Tokens.Enqueue(context.Request.Headers.Authorization.ToString());
        if (ListStatus.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            return;
        }

        // Two pages: the second half under the next link.
        var paths = _files.Keys.Order(StringComparer.Ordinal).ToArray();
        var second = context.Request.Query.ContainsKey("cursor");
        if (!second)
        {
            context.Response.Headers.Link = $"<{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}?recursive=true&cursor=2>; rel=\"next\"";
        }

        var entries = paths.Where((_, index) => index % 2 == (second ? 1 : 0)).Select(path => path.EndsWith(".json", StringComparison.Ordinal)
            ? (object)new { type = "file", path, size = _files[path].Length, oid = "0" }
            : new { type = "file", path, size = _files[path].Length, oid = "0", lfs = new { oid = PromisedHash ?? Convert.ToHexStringLower(SHA256.HashData(_files[path])), size = _files[path].Length } });
        await context.Response.WriteAsync(JsonSerializer.Serialize(entries.Append(new { type = "directory", path = "folder", size = 0, oid = "0" })));
    }

    private Task FileAsync(HttpContext context, string path)
    {
        Ranges.Enqueue(context.Request.Headers.Range.ToString());
        if (!_files.ContainsKey(path))
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        }

        return _injuries.TryDequeue(out var injury) ? injury(context, this, path) : SendAsync(context, path, ignoreRange: false);
    }

    private async Task SendAsync(HttpContext context, string path, bool ignoreRange)
    {
        var (start, total) = Begin(context, path, ignoreRange);
        await context.Response.Body.WriteAsync(_files[path].AsMemory(start, total - start));
    }

    // Headers of a whole answer or of a part, by Range and If-Range as a server should.
    private (int Start, int Total) Begin(HttpContext context, string path, bool ignoreRange)
    {
        var total = _files[path].Length;
        var same = context.Request.Headers.IfRange is not [{ } tag] || tag == Tag;
        var start = !ignoreRange && same && RangeHeaderValue.TryParse(context.Request.Headers.Range, out var range) ? (int)range.Ranges.First().From!.Value : 0;
        context.Response.Headers.ETag = Tag;
        context.Response.ContentLength = total - start;
        if (start > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {start}-{total - 1}/{total}";
        }

        return (start, total);
    }
}
