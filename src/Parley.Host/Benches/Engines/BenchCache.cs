namespace Parley.Host.Benches.Engines;

/// <summary>Where benches keep what is slow to make: random models and the peer's binaries. May be deleted at any time.</summary>
internal static class BenchCache
{
    /// <summary>PARLEY_CACHE, or parley/bench in the user's cache folder.</summary>
    public static string Folder
    {
        get
        {
            var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            var folder = Environment.GetEnvironmentVariable("PARLEY_CACHE") is { Length: > 0 } own ? own : Path.Combine(home, "parley", "bench");
            return Directory.CreateDirectory(folder).FullName;
        }
    }
}
