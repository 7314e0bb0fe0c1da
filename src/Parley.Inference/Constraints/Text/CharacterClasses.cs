namespace Parley.Inference;

/// <summary>The named sets of ECMA-262's regular expressions.</summary>
internal static class CharacterClasses
{
    public static CodePoints Digits { get; } = new(('0', '9'));

    public static CodePoints Words { get; } = new(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    /// <summary>WhiteSpace and LineTerminator of ECMA-262.</summary>
    public static CodePoints Spaces { get; } =
        new((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    public static CodePoints LineEnds { get; } = new((10, 10), (13, 13), (0x2028, 0x2029));

    /// <summary>What stands behind a backslash; null for what is no class and no control character.</summary>
    public static CodePoints? OfEscape(int letter) => letter switch
    {
        'd' => Digits,
        'D' => Digits.Complement(),
        'w' => Words,
        'W' => Words.Complement(),
        's' => Spaces,
        'S' => Spaces.Complement(),
        't' => CodePoints.Of(9),
        'n' => CodePoints.Of(10),
        'v' => CodePoints.Of(11),
        'f' => CodePoints.Of(12),
        'r' => CodePoints.Of(13),
        _ => null,
    };
}
