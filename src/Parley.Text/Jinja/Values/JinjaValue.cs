using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>
/// A value as templates know it; what it does follows Python. The hierarchy is closed: a template reaches nothing of the host but these.
/// </summary>
internal abstract class JinjaValue
{
    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    public virtual bool IsTrue => true;

    public static implicit operator JinjaValue(bool value) => value ? JinjaBool.True : JinjaBool.False;

    public static implicit operator JinjaValue(int value) => new JinjaInt(value);

    public static implicit operator JinjaValue(MarkedText value) => new JinjaString(value);
}

/// <summary>What a name or attribute yields that is not there: empty when printed, false, an error when anything more is asked of it.</summary>
internal sealed class JinjaUndefined(string reason, string name = "") : JinjaValue
{
    private const int LongestName = 80;

    /// <summary>Composed when it is asked for: undefined values are made by the thousands and rarely explained.</summary>
    public string Reason => reason.Replace("{0}", name.Length > LongestName ? name[..LongestName] + "..." : name, StringComparison.Ordinal);

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public static JinjaUndefined Name(string name) => new("'{0}' is undefined", name);

    public static JinjaUndefined Attribute(JinjaValue target, string name) => new($"'{target.TypeName} object' has no attribute '{{0}}'", name);
}

internal sealed class JinjaNone : JinjaValue
{
    private JinjaNone()
    {
    }

    public static JinjaNone Value { get; } = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;
}

internal sealed class JinjaBool : JinjaValue
{
    private JinjaBool(bool value) => Value = value;

    public static JinjaBool True { get; } = new(true);

    public static JinjaBool False { get; } = new(false);

    public bool Value { get; }

    public override string TypeName => "bool";

    public override bool IsTrue => Value;
}

internal sealed class JinjaInt(BigInteger value) : JinjaValue
{
    public const int MostBits = 1024;

    public BigInteger Value { get; } = value.GetBitLength() <= MostBits
        ? value
        : throw new JinjaFault($"an integer has more than {MostBits} bits.");

    public override string TypeName => "int";

    public override bool IsTrue => !Value.IsZero;
}

internal sealed class JinjaFloat(double value) : JinjaValue
{
    public double Value { get; } = value;

    public override string TypeName => "float";

    public override bool IsTrue => Value != 0;
}

internal sealed class JinjaString(MarkedText value) : JinjaValue
{
    public JinjaString(string text)
        : this(new MarkedText(text, TextOrigin.Template))
    {
    }

    public MarkedText Value { get; } = value;

    public string Text => Value.Text;

    public override string TypeName => "str";

    public override bool IsTrue => Text.Length > 0;
}
