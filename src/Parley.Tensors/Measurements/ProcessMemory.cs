using System.Globalization;

namespace Parley.Tensors.Measurements;

/// <summary>How much memory this process holds, and has held at most.</summary>
public static class ProcessMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Bytes of the resident set now.</summary>
    public static long Resident => Environment.WorkingSet;

    /// <summary>Bytes of the largest resident set so far (proc(5), VmHWM); where the system does not say, of the one now.</summary>
    public static long Peak()
    {
        var line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        return line?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..]
            ? 1024 * long.Parse(kibibytes, CultureInfo.InvariantCulture)
            : Resident;
    }
}
