using System.Numerics;
using System.Text.Json;

namespace Parley.Inference;

/// <summary>The formats of OpenAPI that are about numbers.</summary>
internal static class NumberFormats
{
    public static IReadOnlyList<string> Names { get; } = ["int32", "int64", "float", "double"];

    /// <summary>Null for a format that is not about numbers.</summary>
    public static NumberSet? Find(JsonElement? format) => format is not { ValueKind: JsonValueKind.String } name ? null : name.GetString() switch
    {
        "int32" => Between(int.MinValue, int.MaxValue),
        "int64" => Between(long.MinValue, long.MaxValue),
        _ => null,
    };

    private static NumberSet Between(BigInteger least, BigInteger most) =>
        NumberSet.Integers.Intersect(NumberSet.From(new(least, 0), exclusive: false)).Intersect(NumberSet.To(new(most, 0), exclusive: false));
}
