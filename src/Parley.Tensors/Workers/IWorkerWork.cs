namespace Parley.Tensors;

/// <summary>Work that also wants to know which worker runs it, to use that worker's scratch memory.</summary>
public interface IWorkerWork
{
    /// <param name="chunk">0 to chunks - 1; each is run exactly once.</param>
    /// <param name="worker">0 to <see cref="WorkerPool.Threads"/> - 1; no two chunks run under the same number at once.</param>
    void Execute(int chunk, int worker);
}
