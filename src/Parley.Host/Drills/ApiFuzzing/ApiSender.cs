using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>Sends a call, as far as its delivery goes, and says what is wrong with what comes back. Any thread.</summary>
internal sealed class ApiSender : IDisposable
{
    public const string Left = "left";

    private readonly Uri _server;
    private readonly TimeSpan _deadline;
    private readonly HttpClient _http;
    private readonly ApiPlaces _places;

    /// <param name="deadline">For one call.</param>
    public ApiSender(Uri server, TimeSpan deadline)
    {
        (_server, _deadline) = (server, deadline);
        _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        _places = new(_http);
    }

    /// <summary>The outcome: a status, or that the caller left; and what was wrong, null where nothing was.</summary>
    public async Task<(string Outcome, string? Problem)> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_deadline);
        try
        {
            return call.Delivery == ApiDelivery.CutsBody ? await CutAsync(call, limit.Token) : await AskAsync(call, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ("hang", $"has not ended after {_deadline.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
            return ("broken", $"the connection broke: {error.Message} {error.InnerException?.Message}");
        }
        catch (Exception error) when (error is UriFormatException or FormatException or InvalidOperationException or NotSupportedException)
        {
            return ("unsendable", null); // the client itself refuses such an address
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(string Outcome, string? Problem)> AskAsync(ApiCall call, CancellationToken cancellationToken)
    {
        // Joined as text: a path that begins with two slashes would name another host.
        var address = new Uri(_server.GetLeftPart(UriPartial.Authority) + _places.Fill(call.Path));
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), address);
        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = call.ContentType is { } type && MediaTypeHeaderValue.TryParse(type, out var parsed) ? parsed : null;
        }

        if (call.Delivery == ApiDelivery.LeavesAtOnce)
        {
            return await LeaveAsync(request, cancellationToken);
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var (bytes, isWhole) = await ReadAsync(answer, call.Delivery == ApiDelivery.LeavesAnswer ? call.CutAfter : int.MaxValue, cancellationToken);
        var status = (int)answer.StatusCode;
        var problem = ApiAnswerCheck.Problem(call with { Path = address.PathAndQuery }, status, answer.Content.Headers.ContentType?.ToString(), bytes, isWhole);
        if (status == 404 && call.Path.Contains('{', StringComparison.Ordinal))
        {
            await _places.RenewAsync(cancellationToken);
        }

        return (isWhole ? status.ToString(CultureInfo.InvariantCulture) : Left, problem);
    }

    private static async Task<(byte[] Bytes, bool IsWhole)> ReadAsync(HttpResponseMessage answer, int most, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var (bytes, piece) = (new List<byte>(), new byte[8192]);
        while (await stream.ReadAsync(piece.AsMemory(0, Math.Min(piece.Length, most - bytes.Count)), cancellationToken) is > 0 and var count)
        {
            bytes.AddRange(piece.AsSpan(0, count));
            if (bytes.Count >= most)
            {
                return ([.. bytes], false);
            }
        }

        return ([.. bytes], true);
    }

    private async Task<(string Outcome, string? Problem)> LeaveAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sent = _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
        await Task.Yield();
        await leaving.CancelAsync();
        try
        {
            (await sent).Dispose();
        }
        catch (OperationCanceledException)
        {
            // As it is meant.
        }

        return (Left, null);
    }

    // HttpClient keeps its promises about a body's length; a plain socket need not.
    private async Task<(string Outcome, string? Problem)> CutAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_server.Host, _server.Port, cancellationToken);
        var path = Uri.EscapeDataString(_places.Fill(call.Path)).Replace("%2F", "/", StringComparison.Ordinal);
        var head = string.Create(CultureInfo.InvariantCulture, $"{call.Method} {path} HTTP/1.1\r\nHost: {_server.Authority}\r\nContent-Type: application/json\r\nContent-Length: {call.Body!.Length}\r\n\r\n");
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        await socket.GetStream().WriteAsync(call.Body.AsMemory(0, call.CutAfter), cancellationToken);
        return (Left, null);
    }
}
