using System.Globalization;

namespace Parley.Host.Measurements;

/// <summary>How much memory this process has held at most.</summary>
internal static class PeakMemory
{
    /// <summary>Bytes of the largest resident set so far (proc(5), VmHWM).</summary>
    public static double Bytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
