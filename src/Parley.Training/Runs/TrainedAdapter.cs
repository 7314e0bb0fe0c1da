using Parley.Inference;
using Parley.Models;

namespace Parley.Training.Runs;

/// <summary>An adapter from a run's checkpoint together with the very weights that it was trained on. Owns both.</summary>
public sealed class TrainedAdapter : IDisposable
{
    private TrainedAdapter(LoadedModel model, Adapter adapter) => (Model, Adapter) = (model, adapter);

    /// <summary>The model beside the adapter, unchanged.</summary>
    public LoadedModel Model { get; }

    public Adapter Adapter { get; }

    /// <param name="checkpoint">The folder of an <see cref="AdapterCheckpoint"/>.</param>
    /// <param name="model">Where its model lies now; null: where the run found it.</param>
    /// <exception cref="InvalidDataException">The model is gone, or its weights are others; says which.</exception>
    /// <exception cref="ModelFormatException">A file is missing or damaged.</exception>
    public static TrainedAdapter Load(string checkpoint, string? model = null)
    {
        var saved = AdapterCheckpoint.Load(checkpoint);
        foreach (var moment in saved.Optimizer?.Values ?? []) moment.Dispose();
        LoadedModel? loaded = null;
        try
        {
            var place = model ?? TrainingState.FromJson(saved.TrainingState.GetValueOrDefault().Span).Run.From;
            if (!Path.Exists(place)) throw new InvalidDataException($"{place} is gone, on whose weights {checkpoint} was trained; name a copy of it with --base.");
            loaded = LoadedModel.Load(place);
            return IsOf(saved.Lineage.Parent, loaded.Decoder)
                ? new TrainedAdapter(loaded, saved.Adapter)
                : throw new InvalidDataException($"{place} does not hold the weights that {checkpoint} was trained on; name those with --base.");
        }
        catch
        {
            loaded?.Dispose();
            saved.Adapter.Dispose();
            throw;
        }
    }

    /// <summary>True when weights are those of an id, or would be in F32, as they are trained.</summary>
    public static bool IsOf(string? weightsId, Decoder decoder)
    {
        if (decoder.WeightsId == weightsId) return true;
        using var wide = F32Copy.Of(decoder);
        return wide.WeightsId == weightsId;
    }

    public void Dispose()
    {
        Adapter.Dispose();
        Model.Dispose();
    }
}
