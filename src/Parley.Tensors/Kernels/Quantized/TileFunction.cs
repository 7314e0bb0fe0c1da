namespace Parley.Tensors.Kernels;

/// <summary>A tile kernel: a static method, or code assembled at run time that follows the platform's C convention and leaves the heap alone.</summary>
internal readonly unsafe struct TileFunction
{
    private readonly nint _address;
    private readonly bool _native;

    public TileFunction(delegate*<R16Tile*, void> method) => (_address, _native) = ((nint)method, false);

    public TileFunction(delegate* unmanaged<R16Tile*, void> code) => (_address, _native) = ((nint)code, true);

    public bool Exists => _address != 0;

    public bool IsAssembled => _native;

    public void Invoke(R16Tile* tile)
    {
        if (_native)
        {
            ((delegate* unmanaged<R16Tile*, void>)_address)(tile);
        }
        else
        {
            ((delegate*<R16Tile*, void>)_address)(tile);
        }
    }
}
