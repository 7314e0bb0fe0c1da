namespace Parley.Tensors;

/// <summary>
/// Where one thread waits: a few thousand pauses first (a dispatch usually follows within microseconds), then its time
/// slice given away to whoever wants it for some tenths of a millisecond, then asleep until woken, which takes the waker a call to the system and
/// the sleeper tens of microseconds. Only the owner waits; anyone wakes.
/// </summary>
internal sealed class ParkingSpot : IDisposable
{
    private const int Spins = 640;
    private const int PausesPerSpin = 4;
    private const int Yields = 300;

    private readonly AutoResetEvent _signal = new(false);
    private int _parked;

    /// <summary>One turn of waiting; <paramref name="turn"/> counts the turns of this wait and starts at 0.</summary>
    /// <param name="mustWait">Asked again after announcing the sleep, so that no wake-up is lost.</param>
    public void Wait<T>(ref int turn, T state, Func<T, bool> mustWait)
    {
        if (turn < Spins)
        {
            Thread.SpinWait(PausesPerSpin);
        }
        else if (turn < Spins + Yields)
        {
            Thread.Yield();
        }
        else
        {
            Interlocked.Exchange(ref _parked, 1);
            if (mustWait(state) || Interlocked.Exchange(ref _parked, 0) == 0)
            {
                _signal.WaitOne(); // also takes a signal that crossed our change of mind
            }

            turn = 0;
            return;
        }

        turn++;
    }

    public void Wake()
    {
        if (Volatile.Read(ref _parked) != 0 && Interlocked.Exchange(ref _parked, 0) != 0)
        {
            _signal.Set();
        }
    }

    public void Dispose() => _signal.Dispose();
}
