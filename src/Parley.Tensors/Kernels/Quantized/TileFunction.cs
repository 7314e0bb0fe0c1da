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

    /// <summary>This tile and the <see cref="R16Tile.More"/> behind it; assembled code goes through them by itself.</summary>
    public void Invoke(R16Tile* tile)
    {
        if (_native)
        {
            ((delegate* unmanaged<R16Tile*, void>)_address)(tile);
        }
        else
        {
            var method = (delegate*<R16Tile*, void>)_address;
            method(tile);
            for (; tile->More > 0; tile->More--)
            {
                tile->Weights += tile->Groups * tile->GroupStride;
                tile->Output = (float*)((byte*)tile->Output + tile->Groups * tile->GroupOutputStride);
                method(tile);
            }
        }
    }
}
