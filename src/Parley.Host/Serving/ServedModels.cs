using Parley.Host.Verbs;
using Parley.Inference;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Host.Serving;

/// <summary>The models of this process, each with an engine of its own. Owns weights, workers and engines, and frees them in that order's reverse.</summary>
internal sealed class ServedModels : IAsyncDisposable
{
    private readonly List<(Replica Replica, ComputeContext Context, LoadedModel Model)> _models = [];

    private ServedModels()
    {
    }

    public IReadOnlyList<IReplica> Replicas => [.. _models.Select(model => model.Replica)];

    /// <summary>Loads each model, the first of them the default.</summary>
    /// <exception cref="Models.ModelFormatException">A file is missing, truncated or of another kind; one sentence.</exception>
    /// <exception cref="ParleyException">Two models would have one name, or an adapter cannot be used.</exception>
    public static async Task<ServedModels> LoadAsync(ServerOptions options)
    {
        var models = new ServedModels();
        try
        {
            await ProgressView.RunAsync(bytes: false, view =>
            {
                foreach (var source in options.Models)
                {
                    models.Add(source, options, view);
                }

                models.AddAdapters(options.Adapters);

                return Task.CompletedTask;
            });
            return models;
        }
        catch
        {
            await models.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (replica, context, model) in _models)
        {
            await replica.DisposeAsync();
            context.Dispose();
            model.Dispose();
        }
    }

    private void Add(ModelSource source, ServerOptions options, ProgressView view)
    {
        var model = LoadedModel.Load(source.Path, source.Id);
        if (_models.Exists(other => other.Model.Id == model.Id))
        {
            model.Dispose();
            throw ParleyException.InvalidRequest($"Two models would be called '{model.Id}'; name one of them with --model PATH=ID.", "model");
        }

        var context = new ComputeContext(options.Threads, arithmetic: options.Arithmetic);
        model.Decoder.Prepare(context, new LoadProgress(view, model.Id));
        var engine = new EngineOptions { CacheDType = options.CacheDType, SpeculativeTokens = options.SpeculativeTokens };
        _models.Add((new Replica(model, context, engine), context, model));
    }

    private void AddAdapters(IReadOnlyList<AdapterSource> adapters)
    {
        foreach (var (name, path) in adapters)
        {
            if (_models.Exists(model => model.Model.Id == name))
            {
                throw ParleyException.InvalidRequest($"A model is called '{name}' already; give the adapter another name with --adapter NAME=PATH.", "adapter");
            }

            _models[0].Replica.LoadAdapter(name, path);
        }
    }

    /// <summary>Reported at once on the loading thread; what the library offers would report from others, later.</summary>
    private sealed class LoadProgress(ProgressView view, string model) : IProgress<double>
    {
        public void Report(double value) => view.Report($"Preparing {model}", (long)(value * 1000), 1000);
    }
}
