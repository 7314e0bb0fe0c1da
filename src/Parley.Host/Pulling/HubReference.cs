namespace Parley.Host.Pulling;

/// <summary>A model on a hub, as a person writes it: <c>hf:OWNER/NAME[:QUANT][@REVISION]</c>.</summary>
/// <param name="Quant">Which of several GGUF quantisations; null: the hub's folder, or the usual one.</param>
internal sealed record HubReference(string Owner, string Name, string? Quant, string Revision)
{
    private const string Scheme = "hf:";
    private const string MainRevision = "main";

    public string Repository => $"{Owner}/{Name}";

    /// <exception cref="PullFailure">It is not of that form.</exception>
    public static HubReference Parse(string text)
    {
        var rest = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..] : "";
        var (place, revision) = Cut(rest, '@');
        var (repository, quant) = Cut(place, ':');
        return repository.Split('/') is [var owner, var name] && IsName(owner) && IsName(name) && quant is not "" && revision is not ""
            ? new HubReference(owner, name, quant, revision ?? MainRevision)
            : throw new PullFailure($"'{text}' is no model reference; write hf:OWNER/NAME or hf:OWNER/NAME:QUANT, such as hf:someone/some-model-GGUF:Q4_K_M.");
    }

    public override string ToString() => $"{Scheme}{Repository}{(Quant is null ? "" : $":{Quant}")}{(Revision == MainRevision ? "" : $"@{Revision}")}";

    private static (string First, string? Second) Cut(string text, char sign) =>
        text.IndexOf(sign) is var at && at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 100 && text is not ("." or "..") && text.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '.' or '_' or '-');
}
