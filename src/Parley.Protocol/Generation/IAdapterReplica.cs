namespace Parley.Protocol.Generation;

/// <summary>A replica whose model can be adapted (LoRA) while it runs: each adapter is a model of its own name beside the one that it adapts.</summary>
public interface IAdapterReplica : IReplica
{
    /// <summary>Reads an adapter and serves it under a name; nothing of it is there before all of it is.</summary>
    /// <param name="name">What callers will give as model.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="replaces">True when it takes the place of the adapter of that name; running requests end with the old one.</param>
    /// <exception cref="Errors.ParleyException">400: the name is taken or unusable, or the adapter cannot be used; one sentence.</exception>
    ModelDescription LoadAdapter(string name, string path, bool replaces = false);

    /// <summary>Serves it no longer. Running requests end with it, then its memory is freed. False when there is none of that name.</summary>
    bool UnloadAdapter(string name);
}
