using System.Net;
using System.Net.Http.Headers;
using Parley.Models;

namespace Parley.Host.Pulling;

/// <summary>
/// Brings one file of a hub to disk: goes on where an earlier try stopped (Range, If-Range), begins anew when the file has
/// changed or the server ignores ranges, and compares size and SHA-256 before the file gets its name.
/// </summary>
internal sealed class FileDownload(HttpClient http, HubClient hub, Retries retries)
{
    private const int BufferBytes = 1 << 17;
    private const int MostRestarts = 5;

    /// <param name="folder">Where the file goes, and its parts until it is whole.</param>
    /// <param name="progress">Told how many bytes are there.</param>
    /// <exception cref="PullFailure">The server is out of reach, refuses, or sends something else than its list says; the disk is full.</exception>
    public async Task<StoredFile> RunAsync(HubReference model, HubFile file, string folder, Action<long>? progress, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, file.Name);
        TakeBack(path);
        using var part = PartialFile.Open(path, cancellationToken);
        while (true)
        {
            var resumed = part.WasResumed;
            var restarts = 0;
            await retries.RunAsync(hub.Endpoint, token => FetchAsync(model, file, part, () => CountRestart(file, ++restarts), progress, token), () => part.Length, cancellationToken);
            var hash = part.Hash();
            if (file.Sha256 is null || string.Equals(hash, file.Sha256, StringComparison.OrdinalIgnoreCase))
            {
                part.Complete();
                return new StoredFile(file.Name, file.Bytes, hash);
            }

            part.Restart();
            if (!resumed) // the parts of an earlier run may have been of other bytes; a whole download that is wrong stays wrong
            {
                throw new PullFailure(
                    $"'{file.Path}' arrived with the SHA-256 {hash} where {hub.Endpoint.Host} promises {file.Sha256}; it was thrown away. Run the same command again, or choose another mirror.");
            }
        }
    }

    // A file of an earlier run is checked as if it had just arrived.
    private static void TakeBack(string path)
    {
        if (File.Exists(path))
        {
            File.Move(path, path + ".part", overwrite: true);
        }
    }

    private static void CountRestart(HubFile file, int restarts)
    {
        if (restarts > MostRestarts)
        {
            throw new PullFailure($"'{file.Path}' keeps changing while it is downloaded; try again later.");
        }
    }

    private async Task<bool> FetchAsync(HubReference model, HubFile file, PartialFile part, Action restarted, Action<long>? progress, CancellationToken cancellationToken)
    {
        // 1. What is there may be enough, or too much.
        if (part.Length > file.Bytes)
        {
            Restart(part, restarted);
        }

        progress?.Invoke(part.Length);
        if (part.Length == file.Bytes)
        {
            return true;
        }

        // 2. Ask for the rest, if the file is still the same one.
        using var silence = retries.Silence(cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, hub.AddressOf(model, file));
        if (part.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
            request.Headers.IfRange = EntityTagHeaderValue.TryParse(part.Tag, out var tag) && !tag.IsWeak ? new RangeConditionHeaderValue(tag) : null;
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);

        // 3. Go on, begin anew, or give up.
        Prepare(answer, model, file, part, restarted);
        await CopyAsync(answer, file, part, progress, silence);
        return part.Length == file.Bytes ? true : throw new TransientException("the connection broke");
    }

    private void Prepare(HttpResponseMessage answer, HubReference model, HubFile file, PartialFile part, Action restarted)
    {
        var tag = answer.Headers.ETag?.ToString();
        switch (answer.StatusCode)
        {
            case HttpStatusCode.NotFound:
                throw new PullFailure($"'{file.Path}' is in the list of '{model.Repository}' but not there (404); try again later.");
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                Restart(part, restarted);
                throw new TransientException("the file has changed");
            case HttpStatusCode.PartialContent when !Continues(answer, file, part, tag):
                Restart(part, restarted);
                throw new TransientException("the file has changed");
            case HttpStatusCode.PartialContent:
                break;
            default:
                HubAnswers.RequireSuccess(answer, model);
                RequireLength(answer, file);
                if (part.Length > 0)
                {
                    Restart(part, restarted);
                }

                break;
        }

        part.Mark(tag);
    }

    private static bool Continues(HttpResponseMessage answer, HubFile file, PartialFile part, string? tag) =>
        answer.Content.Headers.ContentRange is { } range && range.From == part.Length && (range.Length ?? file.Bytes) == file.Bytes
        && (part.Tag is null || tag is null || part.Tag == tag);

    private void RequireLength(HttpResponseMessage answer, HubFile file)
    {
        if (answer.Content.Headers.ContentLength is { } length && length != file.Bytes)
        {
            throw new PullFailure($"{hub.Endpoint.Host} sends {length} bytes for '{file.Path}' where its list says {file.Bytes}; run the same command again.");
        }
    }

    private static void Restart(PartialFile part, Action restarted)
    {
        restarted();
        part.Restart();
    }

    private async Task CopyAsync(HttpResponseMessage answer, HubFile file, PartialFile part, Action<long>? progress, SilenceLimit silence)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(silence.Token);
        var buffer = new byte[BufferBytes];
        while (await body.ReadAsync(buffer, silence.Token) is var count && count > 0)
        {
            silence.Heard();
            if (part.Length + count > file.Bytes)
            {
                throw new PullFailure($"{hub.Endpoint.Host} sends more than the {file.Bytes} bytes of '{file.Path}' that its list says; run the same command again.");
            }

            part.Append(buffer.AsSpan(0, count));
            progress?.Invoke(part.Length);
        }
    }
}
