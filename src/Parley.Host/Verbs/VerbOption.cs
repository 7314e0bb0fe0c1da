using System.CommandLine;

namespace Parley.Host.Verbs;

/// <summary>The few shapes that options of the command line have: one that must be given, one with a default, one that may be repeated.</summary>
internal static class VerbOption
{
    public static Option<string> Required(string name, string description) => new(name) { Description = description, Required = true };

    public static Option<T> Of<T>(string name, string description, T value) => new(name) { Description = description, DefaultValueFactory = _ => value };

    public static Option<string[]> Many(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    public static Option<string[]> RequiredMany(string name, string description) =>
        new(name) { Description = description, Required = true, AllowMultipleArgumentsPerToken = true };
}
