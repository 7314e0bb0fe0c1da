using Parley.Models;
using Parley.Tensors;

namespace Parley.Training.Runs;

/// <summary>
/// A copy of what is trained, its moments and averages as they stood between two steps, so that they can be written while training goes on. The
/// copies are made once and filled again for each checkpoint. Owns them.
/// </summary>
internal sealed class CheckpointSnapshot : IDisposable
{
    private readonly Trainer _trainer;
    private readonly Dictionary<string, Tensor> _state;

    public CheckpointSnapshot(Trainer trainer)
    {
        _trainer = trainer;
        Model = trainer.Model.Adapter is { } adapter ? new TrainableModel(trainer.Decoder, adapter.Copy()) : new TrainableModel(Copy(trainer.Decoder));
        _state = Live(trainer).ToDictionary(pair => pair.Key, pair => Room(pair.Value), StringComparer.Ordinal);
    }

    /// <summary>With an adapter only that is a copy: the weights beside it never change.</summary>
    public TrainableModel Model { get; }

    /// <summary>Moments and averages by name.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>Copies everything; to be called between steps.</summary>
    public void Take()
    {
        for (var i = 0; i < Model.Parameters.Count; i++)
        {
            Model.Parameters[i].Value.CopyFrom(_trainer.Model.Parameters[i].Value);
            Model.Parameters[i].MarkChanged();
        }

        foreach (var (name, tensor) in Live(_trainer)) _state[name].CopyFrom(tensor);
    }

    public void Dispose()
    {
        if (Model.Adapter is { } adapter) adapter.Dispose();
        else Model.Decoder.Dispose();
        foreach (var tensor in _state.Values) tensor.Dispose();
    }

    private static IEnumerable<KeyValuePair<string, Tensor>> Live(Trainer trainer) => trainer.State.Named().Concat(trainer.Average?.Named() ?? []);

    private static Decoder Copy(Decoder decoder) => new(
        decoder.Config, decoder.Parameters.ToDictionary(parameter => parameter.Name, parameter => new Parameter(parameter.Name, Room(parameter.Value)), StringComparer.Ordinal));

    private static Tensor Room(Tensor tensor)
    {
        var room = Tensor.Allocate(tensor.Shape);
        room.Fill(0); // touches its pages now, which the first copy would otherwise wait for
        return room;
    }
}
