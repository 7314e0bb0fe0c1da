namespace Parley.Text;

/// <summary>What a model's files say about its chat template.</summary>
/// <param name="Template">Jinja.</param>
public sealed record ChatTemplateSource(string Template)
{
    /// <summary>The variant for requests with tools; null: the same.</summary>
    public string? ForTools { get; init; }

    /// <summary>Written form of the token that begins a document; empty: none.</summary>
    public string BeginToken { get; init; } = "";

    /// <summary>Written form of the token that ends one; empty: none.</summary>
    public string EndToken { get; init; } = "";
}
