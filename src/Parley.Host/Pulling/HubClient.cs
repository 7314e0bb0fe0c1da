using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Parley.Host.Pulling;

/// <summary>
/// What a hub of Hugging Face's shape offers: the files of a repository, and each file's address. It knows names and sizes,
/// not what the files mean. Transient failures are tried again (<see cref="Retries"/>).
/// </summary>
/// <param name="endpoint">The hub's address, without a path.</param>
internal sealed class HubClient(HttpClient http, Uri endpoint, Retries retries)
{
    private const int MostPages = 100;
    private const int MostPageBytes = 32 << 20;

    public Uri Endpoint { get; } = endpoint;

    /// <summary>A client without a limit on the whole answer; <see cref="Retries"/> watches for silence instead.</summary>
    /// <param name="token">Sent to the hub itself only: a redirect to a storage host drops it.</param>
    public static HttpClient CreateHttp(string? token)
    {
        var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) }) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("parley", "1"));
        http.DefaultRequestHeaders.Authorization = token is { Length: > 0 } ? new AuthenticationHeaderValue("Bearer", token) : null;
        return http;
    }

    /// <summary>All files of a repository.</summary>
    /// <exception cref="PullFailure">It does not exist, is gated, or the hub cannot be reached.</exception>
    public async Task<IReadOnlyList<HubFile>> ListAsync(HubReference model, CancellationToken cancellationToken)
    {
        var files = new List<HubFile>();
        Uri? page = new(Endpoint, $"api/models/{model.Repository}/tree/{Uri.EscapeDataString(model.Revision)}?recursive=true");
        for (var pages = 0; page is not null; pages++)
        {
            if (pages == MostPages)
            {
                throw new PullFailure($"'{model}' lists more than {MostPages} pages of files; it is no model that can be pulled.");
            }

            var address = page;
            (var entries, page) = await retries.RunAsync(Endpoint, token => PageAsync(model, address, token), cancellationToken);
            files.AddRange(entries.Where(entry => entry.Type == "file").Select(entry => new HubFile(entry.Path, entry.Lfs?.Size ?? entry.Size, entry.Lfs?.Oid)));
        }

        return files;
    }

    public Uri AddressOf(HubReference model, HubFile file) => new(
        Endpoint, $"{model.Repository}/resolve/{Uri.EscapeDataString(model.Revision)}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");

    private async Task<(HubTreeEntry[] Entries, Uri? Next)> PageAsync(HubReference model, Uri address, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            throw new PullFailure($"There is no '{model.Repository}' with the revision '{model.Revision}' on {Endpoint.Host}; check the name.");
        }

        HubAnswers.RequireSuccess(answer, model);
        if (answer.Content.Headers.ContentLength > MostPageBytes)
        {
            throw new PullFailure($"{Endpoint.Host} answers with a list of {answer.Content.Headers.ContentLength} bytes, which is no list of a model's files.");
        }

        try
        {
            await using var stream = new BoundedStream(await answer.Content.ReadAsStreamAsync(cancellationToken), MostPageBytes);
            return (await JsonSerializer.DeserializeAsync(stream, HubJson.Default.HubTreeEntryArray, cancellationToken) ?? [], Next(answer));
        }
        catch (JsonException error)
        {
            throw new PullFailure($"{Endpoint.Host} does not answer as a model hub does: its list of files is no JSON of that form. Check --endpoint.", error);
        }
    }

    // Link: <address>; rel="next" - only within the hub itself, because the token goes along.
    private Uri? Next(HttpResponseMessage answer)
    {
        var link = answer.Headers.TryGetValues("Link", out var values) ? values.FirstOrDefault(value => value.Contains("rel=\"next\"", StringComparison.Ordinal)) : null;
        var (begin, end) = (link?.IndexOf('<') ?? -1, link?.IndexOf('>') ?? -1);
        return begin >= 0 && end > begin && Uri.TryCreate(Endpoint, link![(begin + 1)..end], out var next) && next.Authority == Endpoint.Authority ? next : null;
    }
}
