using Parley.Host.Measurements;

namespace Parley.Host.Benches.Training;

/// <summary>A side that runs, and what it has answered so far.</summary>
/// <param name="Goal">What its speed over the peer's is to reach; 0 for the peer itself.</param>
/// <param name="Tolerance">How far its losses may lie from the peer's, relative.</param>
internal sealed record TrainingSideState(string Name, AskedProcess Process, double Goal, double Tolerance)
{
    public List<double> Losses { get; } = [];

    /// <summary>Of one step each.</summary>
    public List<double> Seconds { get; } = [];

    /// <summary>Bytes of the largest resident set.</summary>
    public double Memory { get; set; }
}
