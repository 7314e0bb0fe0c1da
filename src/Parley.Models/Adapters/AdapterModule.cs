using Parley.Tensors;

namespace Parley.Models;

/// <summary>A linear map as an adapter's file knows it: where a family fuses query, key and value, the rows of several of ours.</summary>
/// <param name="Name">The file's name for it.</param>
/// <param name="Whole">[N, K] of the whole map.</param>
/// <param name="Parts">Our weights in it, each with its first row.</param>
internal sealed record AdapterModule(string Name, Shape Whole, IReadOnlyList<(ParameterSpec Spec, int FirstRow)> Parts)
{
    /// <summary>Gathers the places of a model's adaptable weights, which may share a module.</summary>
    public static Dictionary<string, AdapterModule> Gather(IEnumerable<(ParameterSpec Spec, string Name, Shape Whole, int FirstRow)> places) => places
        .GroupBy(place => place.Name, StringComparer.Ordinal)
        .ToDictionary(
            group => group.Key,
            group => new AdapterModule(group.Key, group.First().Whole, [.. group.Select(place => (place.Spec, place.FirstRow))]),
            StringComparer.Ordinal);
}
