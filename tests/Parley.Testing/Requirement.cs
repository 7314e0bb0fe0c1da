using Xunit;

namespace Parley.Testing;

/// <summary>
/// A test that needs something a machine may lack skips with the reason. Where PARLEY_REQUIRE (comma-separated names) lists the thing,
/// as continuous integration does, its absence is a failure instead.
/// </summary>
public static class Requirement
{
    private static readonly string[] Required =
        (Environment.GetEnvironmentVariable("PARLEY_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Returns when a program is on the machine (its path), otherwise skips or fails.</summary>
    public static string Program(string name, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (File.Exists(path))
            {
                return path;
            }
        }

        Skip(name, $"{name} is not installed");
        return "";
    }

    /// <summary>Skips the running test, or fails it when <paramref name="name"/> is required.</summary>
    public static void Skip(string name, string reason)
    {
        if (Required.Contains(name, StringComparer.Ordinal))
        {
            Assert.Fail($"PARLEY_REQUIRE lists '{name}', but {reason}.");
        }

        Assert.Skip($"{reason} (requirement '{name}')");
    }
}
