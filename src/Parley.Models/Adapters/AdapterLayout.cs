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

    /// <summary>Those whose names end with one of the targets, as <c>q_proj</c> or <c>mlp.up_proj</c>.</summary>
    /// <exception cref="ModelFormatException">A target matches none; the sentence lists those that would.</exception>
    public static IReadOnlyList<ParameterSpec> Of(ModelConfig config, IReadOnlyList<string> targets)
    {
        static bool Matches(ParameterSpec spec, string target) => spec.Name.EndsWith($".{target}.weight", StringComparison.Ordinal);
        var specs = Of(config);
        return targets.FirstOrDefault(target => !specs.Any(spec => Matches(spec, target))) is { } unknown
            ? throw new ModelFormatException($"No projection of this {config.Architecture} model is called '{unknown}'; there are {string.Join(", ", Names(specs))}.") { Field = unknown }
            : [.. specs.Where(spec => targets.Any(target => Matches(spec, target)))];
    }

    /// <summary>The short names of all projections of a layer, in order: q_proj, k_proj ...</summary>
    public static IReadOnlyList<string> Targets(ModelConfig config) => [.. Names(Of(config))];

    private static IEnumerable<string> Names(IEnumerable<ParameterSpec> specs) =>
        specs.Select(spec => spec.Name[..^".weight".Length]).Select(name => name[(name.LastIndexOf('.') + 1)..]).Distinct(StringComparer.Ordinal);
}
