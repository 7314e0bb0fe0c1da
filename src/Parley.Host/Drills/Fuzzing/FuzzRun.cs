using System.Diagnostics;

namespace Parley.Host.Drills.Fuzzing;

/// <summary>
/// Reads injured files, one after the other, on a thread of its own: a reader must accept or refuse each with the right
/// exception, in good time and with memory in proportion to the file. Which file the n-th is depends on seed and n alone.
/// </summary>
internal sealed class FuzzRun(FuzzTarget target, ulong seed)
{
    private const int MostFindings = 20;
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(10);

    private readonly Mutator _mutator = new(target.Words);
    private readonly List<FuzzFinding> _findings = [];
    private long _accepted;
    private long _refused;
    private double _greediest;
    private TimeSpan _slowest;

    /// <summary>When the read that is under way began, in <see cref="Stopwatch"/>'s ticks; 0 between reads. For a watchdog.</summary>
    public long Began => Interlocked.Read(ref _began);

    private long _began;

    /// <summary>The mutation under way.</summary>
    public long Current { get; private set; }

    /// <summary>Runs the mutations first, first + step ... below <paramref name="end"/>, until <paramref name="stop"/> says so.</summary>
    public FuzzTally Run(string folder, long first, long step, long end, Func<bool> stop)
    {
        target.Prepare(folder);
        var path = Path.Combine(folder, target.FileName);
        var done = 0L;
        for (Current = first; Current < end && _findings.Count < MostFindings && !stop(); Current += step, done++)
        {
            var bytes = Make(Current);
            File.WriteAllBytes(path, bytes);
            Read(path, bytes);
        }

        return new FuzzTally(done, _accepted, _refused, _greediest, _slowest, _findings);
    }

    /// <summary>The n-th injured file.</summary>
    public byte[] Make(long number)
    {
        var random = new SplitMix(seed ^ ((ulong)number * 0xD1B5_4A32_D192_ED03));
        var good = target.Seeds[random.Next(target.Seeds.Count)];
        var other = target.Seeds[random.Next(target.Seeds.Count)];
        return _mutator.Apply(good, other, target.Head, ref random);
    }

    private void Read(string path, byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var began = Stopwatch.GetTimestamp();
        Interlocked.Exchange(ref _began, began);
        string? problem = null;
        try
        {
            target.Read(path);
            _accepted++;
        }
        catch (Exception error) // whatever a reader lets through is what is looked for here
        {
            problem = target.Complaint(error);
            _refused++;
        }

        Interlocked.Exchange(ref _began, 0);
        var (allocated, took) = (GC.GetAllocatedBytesForCurrentThread() - before, Stopwatch.GetElapsedTime(began));
        Measure(bytes, allocated, took);
        problem ??= allocated > target.Allowance(bytes.Length) ? $"allocated {allocated:N0} bytes for a file of {bytes.Length:N0}" : null;
        problem ??= took > LongestRead ? $"took {took.TotalSeconds:F1} s" : null;
        if (problem is not null)
        {
            _findings.Add(new FuzzFinding(target.Name, Current, problem, bytes));
        }
    }

    private void Measure(byte[] bytes, long allocated, TimeSpan took)
    {
        _slowest = took > _slowest ? took : _slowest;
        if (bytes.Length >= 1024)
        {
            _greediest = Math.Max(_greediest, (double)allocated / bytes.Length);
        }
    }
}
