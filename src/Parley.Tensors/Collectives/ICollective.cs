namespace Parley.Tensors.Collectives;

/// <summary>What processes that compute together say to each other about tensors. Every rank makes the same calls in the same order.</summary>
public interface ICollective
{
    /// <summary>This process's number, 0 to <see cref="Size"/> - 1.</summary>
    int Rank { get; }

    int Size { get; }

    /// <summary>Replaces the F32 tensor on every rank by the sum over ranks, added in a fixed order.</summary>
    void AllReduceSum(Tensor tensor);

    /// <summary>Replaces the tensor on every rank by the root's.</summary>
    void Broadcast(Tensor tensor, int root);

    /// <summary>Returns when every rank has called it.</summary>
    void Barrier();
}
