namespace Parley.Host.Measurements;

/// <summary>
/// One line of a bench or drill: ours beside the peer's, the machine's limit where there is one, the goal, and whether it was met.
/// </summary>
/// <param name="Peer">The other program's figure from the same run; null where there is none.</param>
/// <param name="Ratio">Ours over theirs; null without a peer.</param>
/// <param name="Limit">The measured limit of the machine in the same unit; null where none applies.</param>
/// <param name="Goal">What is to be reached, in the unit of ratio, of ours over the limit, or of ours; null where nothing is promised.</param>
/// <param name="Ok">Whether the goal is met; true where there is none.</param>
internal sealed record Measurement(
    string Name, string Unit, double Ours, double? Peer = null, double? Ratio = null, double? Limit = null, double? Goal = null, bool Ok = true);
