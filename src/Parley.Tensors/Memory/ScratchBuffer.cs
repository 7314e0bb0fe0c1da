namespace Parley.Tensors;

/// <summary>Memory that a kernel reuses from call to call; it grows and never shrinks. Contents are not kept between calls.</summary>
internal sealed unsafe class ScratchBuffer : IDisposable
{
    private Storage? _storage;

    public float* Take(long floats)
    {
        if (_storage is null || _storage.ByteCount < floats * sizeof(float))
        {
            _storage?.Release();
            _storage = null;
            _storage = NativePages.Allocate(floats * sizeof(float), zeroed: false);
        }

        return (float*)_storage.Pointer;
    }

    public void Dispose()
    {
        _storage?.Release();
        _storage = null;
    }
}
