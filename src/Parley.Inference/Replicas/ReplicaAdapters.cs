using System.Collections.Immutable;
using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>
/// The adapters of one replica by the names under which they are served. Read without a lock by requests, changed under one; an adapter taken out lives
/// until the last request with it has ended. It knows no file format.
/// </summary>
internal sealed class ReplicaAdapters(LoadedModel model, ModelDescription description) : IDisposable
{
    private const int LongestName = 200;

    private readonly Lock _changing = new();
    private ImmutableList<Entry> _entries = [];

    /// <summary>As callers see them, in the order in which they were loaded.</summary>
    public IEnumerable<ModelDescription> Models => Volatile.Read(ref _entries).Select(entry => entry.Model);

    /// <summary>Serves an adapter, which is owned from here on.</summary>
    /// <param name="created">When it was written, in Unix seconds.</param>
    /// <exception cref="ParleyException">400: the name is taken or unusable; the adapter is freed.</exception>
    public ModelDescription Add(string name, Adapter adapter, long created, bool replaces)
    {
        var described = description with
        {
            Id = name,
            Version = $"{description.Version}+{adapter.Id}",
            Parameters = description.Parameters + adapter.ParameterCount,
            Created = created,
            Parent = description.Id,
        };
        lock (_changing)
        {
            var index = _entries.FindIndex(entry => entry.Model.Id == name);
            try
            {
                RequireName(name, isTaken: name == description.Id || (index >= 0 && !replaces));
            }
            catch
            {
                adapter.Dispose();
                throw;
            }

            var entry = new Entry(described, adapter);
            var old = index < 0 ? null : _entries[index].Adapter;
            Volatile.Write(ref _entries, index < 0 ? _entries.Add(entry) : _entries.SetItem(index, entry));
            old?.Dispose();
        }

        return described;
    }

    /// <summary>Refuses a name before anything is read for it.</summary>
    public void CheckName(string name, bool replaces) =>
        RequireName(name, isTaken: name == description.Id || (!replaces && _entries.Exists(entry => entry.Model.Id == name)));

    public bool Remove(string name)
    {
        lock (_changing)
        {
            if (_entries.Find(entry => entry.Model.Id == name) is not { } entry)
            {
                return false;
            }

            Volatile.Write(ref _entries, _entries.Remove(entry));
            entry.Adapter.Dispose();
            return true;
        }
    }

    /// <summary>Which weights a request is for: its model is this one, with or without one of its adapters, or the name of one. To be disposed when it has ended.</summary>
    /// <exception cref="ParleyException">404: there is no such model; 400: there is no such adapter.</exception>
    public ChosenWeights Choose(GenerationRequest request)
    {
        var version = model.Decoder.WeightsId;
        var isBase = string.Equals(request.Model, model.Id, StringComparison.Ordinal);
        if (isBase && request.Adapter is null)
        {
            return new(null, version);
        }

        // One that is taken out between the two looks can no longer be held: it is as good as not there.
        var name = isBase ? request.Adapter : request.Adapter is null ? request.Model : null;
        if (name is not null && Find(name) is { } adapter && adapter.TryHold())
        {
            return new(adapter, $"{version}+{adapter.Id}");
        }

        throw request.Adapter is not null
            ? ParleyException.InvalidRequest($"The adapter '{request.Adapter}' does not exist here; leave it out.", "adapter")
            : ParleyException.UnknownModel(request.Model, [model.Id, .. Models.Select(known => known.Id)]);
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
        {
            entry.Adapter.Dispose();
        }
    }

    private Adapter? Find(string name) => Volatile.Read(ref _entries).Find(entry => entry.Model.Id == name)?.Adapter;

    private static void RequireName(string name, bool isTaken)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Any(char.IsControl))
        {
            throw ParleyException.InvalidRequest($"An adapter's name has 1 to {LongestName} characters and no control characters.", "lora_name");
        }

        if (isTaken)
        {
            throw ParleyException.InvalidRequest($"'{name}' is served already; unload it first, replace it with load_inplace, or choose another name.", "lora_name");
        }
    }

    private sealed record Entry(ModelDescription Model, Adapter Adapter);
}

/// <summary>What one request runs with: the model as it is, or with an adapter that is held until this is disposed.</summary>
internal sealed record ChosenWeights(Adapter? Adapter, string Version) : IDisposable
{
    public void Dispose() => Adapter?.Release();
}
