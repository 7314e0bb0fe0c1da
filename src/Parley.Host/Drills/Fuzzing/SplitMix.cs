namespace Parley.Host.Drills.Fuzzing;

/// <summary>Small, fast random numbers from a seed (Steele, Lea and Flood, 2014): every mutation has a generator of its own, so that its number tells it.</summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 up to, not including, <paramref name="end"/>; 0 when that is 0.</summary>
    public int Next(int end) => end == 0 ? 0 : (int)((UInt128)Next() * (ulong)end >> 64);
}
