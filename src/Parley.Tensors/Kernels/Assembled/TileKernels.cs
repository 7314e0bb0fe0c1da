using Iced.Intel;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The assembled tiles of one kind, by groups and tokens; each is emitted when it is first asked for, once a process, and stays. Emitting
/// takes some 50 us, a look-up a load.
/// </summary>
internal sealed class TileKernels(int mostGroups, int mostTokens, Func<int, int, Action<Assembler>> emitter)
{
    private readonly ExecutablePages?[] _pages = new ExecutablePages?[mostGroups * mostTokens];

    /// <summary>The entry of the tile.</summary>
    public nint Get(int groups, int tokens)
    {
        int index = (groups - 1) * mostTokens + tokens - 1;
        return (Volatile.Read(ref _pages[index]) ?? Emit(index, groups, tokens)).Address;
    }

    private ExecutablePages Emit(int index, int groups, int tokens)
    {
        lock (_pages)
        {
            return _pages[index] ??= KernelAssembler.Assemble(emitter(groups, tokens));
        }
    }
}
