namespace Parley.Models;

/// <summary>How a mix spends extra bits on some layers.</summary>
public enum QuantizationMixKind
{
    /// <summary>No layer gets more than another.</summary>
    None,

    /// <summary>llama.cpp's _S.</summary>
    Small,

    /// <summary>llama.cpp's _M.</summary>
    Medium,
}

/// <summary>A target of quantisation by its name on the command line.</summary>
/// <param name="Default">The type of most matrices.</param>
/// <param name="FileType">llama.cpp's number for the whole file (llama.h, <c>llama_ftype</c>).</param>
public sealed record QuantizationType(string Name, GgmlType Default, QuantizationMixKind Mix, uint FileType)
{
    public static IReadOnlyList<QuantizationType> All { get; } =
    [
        new("q8_0", GgmlType.Q8_0, QuantizationMixKind.None, 7),
        new("q6_k", GgmlType.Q6_K, QuantizationMixKind.None, 18),
        new("q5_k_m", GgmlType.Q5_K, QuantizationMixKind.Medium, 17),
        new("q5_k_s", GgmlType.Q5_K, QuantizationMixKind.Small, 16),
        new("q5_k", GgmlType.Q5_K, QuantizationMixKind.None, 16),
        new("q5_1", GgmlType.Q5_1, QuantizationMixKind.None, 9),
        new("q5_0", GgmlType.Q5_0, QuantizationMixKind.None, 8),
        new("q4_k_m", GgmlType.Q4_K, QuantizationMixKind.Medium, 15),
        new("q4_k_s", GgmlType.Q4_K, QuantizationMixKind.Small, 14),
        new("q4_k", GgmlType.Q4_K, QuantizationMixKind.None, 14),
        new("q4_1", GgmlType.Q4_1, QuantizationMixKind.None, 3),
        new("q4_0", GgmlType.Q4_0, QuantizationMixKind.None, 2),
        new("bf16", GgmlType.BF16, QuantizationMixKind.None, 32),
        new("f16", GgmlType.F16, QuantizationMixKind.None, 1),
        new("f32", GgmlType.F32, QuantizationMixKind.None, 0),
    ];

    /// <exception cref="ModelFormatException">There is none of that name.</exception>
    public static QuantizationType Parse(string name) =>
        All.FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ModelFormatException($"There is no quantisation '{name}'; choose one of {string.Join(", ", All.Select(type => type.Name))}.");
}
