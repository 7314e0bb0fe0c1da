namespace Parley.Host.Drills.Fuzzing;

/// <summary>One reader, the good files that its injured ones come from, and how it may refuse.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="FileName">What the injured file is called on disk.</param>
/// <param name="Seeds">Good files, each accepted.</param>
/// <param name="Words">Pieces of the format worth inserting.</param>
/// <param name="Head">Most injuries strike in the first so many bytes.</param>
/// <param name="Prepare">Puts what stands beside the file into its folder.</param>
/// <param name="Read">Reads the file at a path, as a user of the reader would, and touches what it hands out.</param>
/// <param name="Complaint">What is wrong with a refusal; null when it is as it must be.</param>
internal sealed record FuzzTarget(
    string Name,
    string FileName,
    IReadOnlyList<byte[]> Seeds,
    IReadOnlyList<byte[]> Words,
    int Head,
    Action<string> Prepare,
    Action<string> Read,
    Func<Exception, string?> Complaint)
{
    /// <summary>Bytes that reading may take however short the file is.</summary>
    public int Foundation { get; init; } = 1 << 20;

    /// <summary>Bytes that one byte of a file may cost.</summary>
    public int Factor { get; init; } = 64;

    /// <summary>Managed bytes that reading a file of some length may allocate: a string of UTF-8 doubles, JSON trees and dictionaries take more.</summary>
    public long Allowance(long fileBytes) => (Factor * fileBytes) + Foundation;
}

/// <summary>A mutation that a reader did not take as it must.</summary>
/// <param name="Mutation">Its number; with the seed it can be made again.</param>
internal sealed record FuzzFinding(string Target, long Mutation, string Problem, byte[] File);

/// <summary>What came of many mutations.</summary>
/// <param name="Greediest">The most bytes allocated for one byte of a file, of files of a kilobyte and more.</param>
/// <param name="Slowest">The longest that one took.</param>
internal sealed record FuzzTally(long Mutations, long Accepted, long Refused, double Greediest, TimeSpan Slowest, IReadOnlyList<FuzzFinding> Findings);
