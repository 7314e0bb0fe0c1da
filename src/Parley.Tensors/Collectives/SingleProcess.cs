namespace Parley.Tensors.Collectives;

/// <summary>The collective of one process: every sum and broadcast is already there.</summary>
public sealed class SingleProcess : ICollective
{
    public int Rank => 0;

    public int Size => 1;

    public void AllReduceSum(Tensor tensor) => ArgumentNullException.ThrowIfNull(tensor);

    public void Broadcast(Tensor tensor, int root)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (root != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(root), root, "One process has only rank 0.");
        }
    }

    public void Barrier()
    {
    }
}
