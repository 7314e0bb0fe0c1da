namespace Parley.Models;

/// <summary>
/// Which tensors of a model an adapter may update: the matrices of its layers, but not an expert's, whose rows are other than the batch's, nor
/// the tables of tokens and the heads. Pure.
/// </summary>
public static class AdapterLayout
{
    /// <summary>In the order of <see cref="ParameterLayout.Of"/>.</summary>
    public static IReadOnlyList<ParameterSpec> Of(ModelConfig config) =>
        [.. ParameterLayout.Of(config).Where(spec => spec.Layer >= 0 && spec.Expert < 0 && spec.Shape.Rank == 2)];
}
