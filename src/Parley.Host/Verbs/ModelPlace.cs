using System.CommandLine;
using Parley.Models;

namespace Parley.Host.Verbs;

/// <summary>How every verb names a model: a path, or the name of a stored one, and where the store is.</summary>
internal static class ModelPlace
{
    private const string Variable = "PARLEY_MODELS";
    private static readonly string Default = Path.Combine(".parley", "models");

    public static Argument<string> Argument(string name) => new(name) { Description = "A .gguf file, a model's folder, or the name of a stored model." };

    public static Option<string?> StoreFolder() => new("--models") { Description = $"Folder of the stored models; default: {Variable}, or {Default}." };

    public static ModelStore Store(string? folder) =>
        new(folder ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? set : Default));

    /// <summary>The path of the model that was named.</summary>
    /// <exception cref="ModelFormatException">It is no path and no stored model.</exception>
    public static string Resolve(ParseResult parsed, Argument<string> model, Option<string?> store) =>
        Store(parsed.GetValue(store)).Resolve(parsed.GetRequiredValue(model)).Path;
}
