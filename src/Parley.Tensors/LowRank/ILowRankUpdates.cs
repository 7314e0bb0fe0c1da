namespace Parley.Tensors;

/// <summary>Low-rank updates of a model's linear maps: an adapter, as the operations see it.</summary>
public interface ILowRankUpdates
{
    /// <summary>The update of a map, known by its weight; null: the map stays as it is. Asked in every step, so it must not allocate.</summary>
    LowRankPair? Find(Parameter weight);
}
