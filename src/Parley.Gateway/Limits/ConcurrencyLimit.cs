using System.Runtime.InteropServices;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Limits;

/// <summary>How many requests a key and a project may run at once. Counts live in this process.</summary>
public sealed class ConcurrencyLimit(LimitOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);

    /// <summary>Takes a place for the request; disposing gives it back.</summary>
    /// <exception cref="ParleyException">429 with Retry-After: the key or the project has no place left.</exception>
    public IDisposable Enter(GenerationRequest request)
    {
        var project = "project " + request.ProjectId;
        var key = request.KeyId is { } id ? $"key {id}" : null;
        lock (_lock)
        {
            if (key is not null)
            {
                Require(key, options.MaxConcurrentPerKey, "This key");
            }

            Require(project, options.MaxConcurrentPerProject, $"The project '{request.ProjectId}'");
            Count(project, 1);
            Count(key, 1);
        }

        return new Place(this, project, key);
    }

    private void Require(string name, int limit, string who)
    {
        if (_running.GetValueOrDefault(name) >= limit)
        {
            throw ParleyException.TooManyRequests($"{who} already runs {limit} requests at once, its limit; wait for one to end.", "concurrency_limit_exceeded");
        }
    }

    private void Count(string? name, int change)
    {
        if (name is null)
        {
            return;
        }

        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_running, name, out _);
        count += change;
        if (count == 0)
        {
            _running.Remove(name);
        }
    }

    private sealed class Place(ConcurrencyLimit limit, string project, string? key) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                lock (limit._lock)
                {
                    limit.Count(project, -1);
                    limit.Count(key, -1);
                }
            }
        }
    }
}

/// <summary>The limits of an installation.</summary>
public sealed record LimitOptions
{
    public int MaxConcurrentPerKey { get; init; } = 64;

    public int MaxConcurrentPerProject { get; init; } = 256;
}
