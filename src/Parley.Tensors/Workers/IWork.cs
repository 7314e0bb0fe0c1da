namespace Parley.Tensors;

/// <summary>Work cut into numbered chunks that may run on any thread in any order. Implemented by a struct.</summary>
public interface IWork
{
    /// <param name="chunk">0 to chunks - 1; each is run exactly once.</param>
    void Execute(int chunk);
}
