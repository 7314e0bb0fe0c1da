using System.Net;
using Parley.Gateway.Keys;
using Parley.Host.Serving;
using Parley.Protocol.Errors;

namespace Parley.Host.Authentication;

/// <summary>
/// Step 2's first half: who calls. A key from Authorization: Bearer, or nobody's key from this very machine where that is allowed. Guards every
/// route of the API; page, health and metrics are open.
/// </summary>
internal static class KeyAuthentication
{
    /// <summary>Who the request is from; set for every route of the API.</summary>
    public static Caller Caller(this HttpContext http) =>
        http.Features.Get<Caller>() ?? throw new InvalidOperationException($"{http.Request.Path} is not behind the key check.");

    public static void UseKeyAuthentication(this WebApplication app)
    {
        var keys = app.Services.GetRequiredService<ApiKeys>();
        var options = app.Services.GetRequiredService<ServerOptions>();
        app.Use(async (http, next) =>
        {
            if (http.Request.Path.StartsWithSegments("/v1") || http.Request.Path.StartsWithSegments("/parley"))
            {
                http.Features.Set(await IdentifyAsync(http, keys, options.AllowLoopbackWithoutKey));
            }

            await next(http);
        });
    }

    private static async Task<Caller> IdentifyAsync(HttpContext http, ApiKeys keys, bool allowLoopback)
    {
        var secret = Bearer(http);
        var keyless = allowLoopback && IsThisMachine(http);

        // OpenAI's clients insist on sending some key. Where none is needed, one that cannot be ours counts as none; one of our form must be right.
        if (keyless && (secret is null || !secret.StartsWith(ApiKeys.SecretPrefix, StringComparison.Ordinal)))
        {
            return Gateway.Keys.Caller.Local;
        }

        if (secret is null)
        {
            throw ParleyException.Unauthorized("No API key was sent: make one with `parley keys create` and send it as 'Authorization: Bearer sk-parley-...'.", "missing_api_key");
        }

        return await keys.AuthenticateAsync(secret, http.RequestAborted)
            ?? throw ParleyException.Unauthorized("This API key is unknown or revoked; make one with `parley keys create`.");
    }

    private static string? Bearer(HttpContext http)
    {
        const string scheme = "Bearer ";
        var header = http.Request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim() : null;
    }

    /// <summary>
    /// A call from this machine that no other machine, and no foreign web page open in a browser here, has sent through it: a proxy's forwarding
    /// header, a foreign Host (DNS rebinding) or a foreign Origin each means "ask for the key".
    /// </summary>
    private static bool IsThisMachine(HttpContext http)
    {
        var headers = http.Request.Headers;
        return http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
            && !headers.ContainsKey("X-Forwarded-For") && !headers.ContainsKey("Forwarded")
            && IsLoopbackName(http.Request.Host.Host)
            && (headers.Origin.Count == 0 || (Uri.TryCreate(headers.Origin, UriKind.Absolute, out var origin) && IsLoopbackName(origin.Host)));
    }

    private static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
