using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Routing;

/// <summary>
/// Adapters as deployments of their own, beside that of the model they adapt: loaded into all of its replicas, then registered; taken out of the registry
/// first, then out of the replicas. One change at a time; requests are not held up by one.
/// </summary>
public sealed class AdapterDeployments(ModelRegistry registry)
{
    private readonly Lock _changing = new();

    /// <param name="name">What callers will give as model.</param>
    /// <param name="path">The file or folder, as the replicas see it.</param>
    /// <param name="baseModel">The model that it adapts; null: the default one.</param>
    /// <param name="replaces">True when it takes the place of the adapter of that name.</param>
    /// <exception cref="ParleyException">404: no such model; 400: the name is taken, the model cannot be adapted, or the adapter cannot be used.</exception>
    public ModelDescription Load(string name, string path, string? baseModel, bool replaces)
    {
        lock (_changing)
        {
            var model = baseModel is null ? Default() : registry.Find(baseModel);
            var known = registry.Deployments.FirstOrDefault(deployment => deployment.ModelId == name);
            if (known is not null && (!replaces || known.Description.Parent != model.ModelId))
            {
                throw ParleyException.InvalidRequest(
                    $"'{name}' is served already; unload it first, choose another name, or replace an adapter of the same model with load_inplace.", "lora_name");
            }

            var loaded = new List<IAdapterReplica>();
            try
            {
                registry.Set(new Deployment(name, [.. model.Versions.Select(version => Load(version, name, path, replaces, loaded))]));
                return registry.Find(name).Description;
            }
            catch
            {
                // What was replaced is gone where it was replaced, so that half of the replicas would answer with other weights.
                loaded.ForEach(replica => replica.UnloadAdapter(name));
                if (loaded.Count > 0)
                {
                    registry.Remove(name);
                }

                throw;
            }
        }
    }

    /// <returns>What it was.</returns>
    /// <exception cref="ParleyException">404: no such model; 400: it is no adapter.</exception>
    public ModelDescription Unload(string name)
    {
        lock (_changing)
        {
            var deployment = registry.Find(name);
            if (deployment.Description.Parent is null)
            {
                throw ParleyException.InvalidRequest($"'{name}' is a model, not an adapter; only adapters can be unloaded.", "lora_name");
            }

            registry.Remove(name);
            foreach (var replica in deployment.Versions.SelectMany(version => version.Replicas).OfType<IAdapterReplica>())
            {
                replica.UnloadAdapter(name);
            }

            return deployment.Description;
        }
    }

    private Deployment Default() =>
        registry.Deployments.FirstOrDefault(deployment => deployment.Description.Parent is null)
        ?? throw ParleyException.Server(503, "No model is served that could be adapted.", "no_model");

    private static DeployedVersion Load(DeployedVersion version, string name, string path, bool replaces, List<IAdapterReplica> loaded)
    {
        ModelDescription? description = null;
        foreach (var replica in version.Replicas)
        {
            var adaptable = replica as IAdapterReplica ?? throw ParleyException.InvalidRequest(
                $"The model '{version.Description.Id}' runs where adapters cannot be loaded; use a model that is served here.", "base_model_name");
            description = adaptable.LoadAdapter(name, path, replaces);
            loaded.Add(adaptable);
        }

        return version with { Description = description ?? version.Description with { Parent = version.Description.Id } };
    }
}
