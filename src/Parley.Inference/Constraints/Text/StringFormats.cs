using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Parley.Inference;

/// <summary>The formats of strings as regular expressions, each compiled once. Sources: RFC 3339, 5322, 9562, 3986, 2673, 4291, 1123, ISO 8601 durations.</summary>
internal static class StringFormats
{
    private const string Day = "(?:(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])))" +
        "|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";

    // A leap second is written in UTC only.
    private const string Time = "(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:[Zz]|[+-](?:[01]\\d|2[0-3])(?::?[0-5]\\d)?)|23:59:60(?:\\.\\d+)?(?:[Zz]|[+-]00:00))";

    private const string Atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
    private const string ShortLabel = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private const string Octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private const string IPv4 = $"(?:{Octet}\\.){{3}}{Octet}";
    private const string Group = "[0-9A-Fa-f]{1,4}";
    private const string LastGroups = $"(?:{Group}:{Group}|{IPv4})";

    private const string IPv6 = $"(?:(?:{Group}:){{6}}{LastGroups}|::(?:{Group}:){{5}}{LastGroups}|(?:{Group})?::(?:{Group}:){{4}}{LastGroups}" +
        $"|(?:(?:{Group}:){{0,1}}{Group})?::(?:{Group}:){{3}}{LastGroups}|(?:(?:{Group}:){{0,2}}{Group})?::(?:{Group}:){{2}}{LastGroups}" +
        $"|(?:(?:{Group}:){{0,3}}{Group})?::{Group}:{LastGroups}|(?:(?:{Group}:){{0,4}}{Group})?::{LastGroups}|(?:(?:{Group}:){{0,5}}{Group})?::{Group}" +
        $"|(?:(?:{Group}:){{0,6}}{Group})?::)";

    private const string Escaped = "%[0-9A-Fa-f]{2}";
    private const string PathCharacter = $"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|{Escaped})";
    // What RFC 3986 keeps for later versions.
    private const string LaterAddress = "[Vv][0-9A-Fa-f]+\\.[A-Za-z0-9._~!$&'()*+,;=:-]+";

    private const string Authority = $"(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|{Escaped})*@)?(?:\\[(?:{IPv6}|{LaterAddress})\\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|{Escaped})*)(?::\\d*)?";

    // One slash before an authority does too, as validators have it (ajv-formats): they take what is no authority behind two for a path.
    private const string Identifier = $"[A-Za-z][A-Za-z0-9+.-]*:(?://?{Authority}(?:/{PathCharacter}*)*|/(?:{PathCharacter}+(?:/{PathCharacter}*)*)?|{PathCharacter}+(?:/{PathCharacter}*)*)" +
        $"(?:\\?(?:{PathCharacter}|[/?])*)?(?:#(?:{PathCharacter}|[/?])*)?";

    private const string DurationTime = "T(?:\\d+H(?:\\d+M)?(?:\\d+S)?|\\d+M(?:\\d+S)?|\\d+S)";
    private const string DurationDate = "(?:\\d+Y(?:\\d+M)?(?:\\d+D)?|\\d+M(?:\\d+D)?|\\d+D)";

    private static readonly FrozenDictionary<string, (string Pattern, int Max)> Patterns = new Dictionary<string, (string, int)>(StringComparer.Ordinal)
    {
        ["date"] = (Day, -1),
        ["time"] = (Time, -1),
        ["date-time"] = ($"{Day}[Tt ]{Time}", -1),
        ["duration"] = ($"P(?:{DurationDate}(?:{DurationTime})?|{DurationTime}|\\d+W)", -1),
        ["email"] = ($"{Atom}(?:\\.{Atom})*@(?:{Label}\\.)+{Label}", -1),
        ["hostname"] = ($"{ShortLabel}(?:\\.{ShortLabel})*\\.?", 253),
        ["ipv4"] = (IPv4, -1),
        ["ipv6"] = (IPv6, -1),
        ["uri"] = (Identifier, -1),
        ["uuid"] = ("[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}", -1),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, TextShape> Compiled = new(StringComparer.Ordinal);

    public static IEnumerable<string> Names { get; } = [.. Patterns.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Null for a format that is not supported.</summary>
    public static TextShape? Find(string name) => Patterns.TryGetValue(name, out var format)
        ? Compiled.GetOrAdd(name, _ => new(PatternCompiler.Compile(PatternParser.Parse(format.Pattern), full: true, new()), 0, format.Max))
        : null;
}
