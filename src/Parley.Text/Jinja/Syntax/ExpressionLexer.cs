using System.Globalization;
using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>The tokens inside one tag, up to its end; inside brackets the end is not looked for, as a dict may close with two braces.</summary>
internal sealed class ExpressionLexer(string source, int start, string close)
{
    private const int LongestNumber = 300;
    private const int LongestName = 256;
    private const int DeepestBrackets = 1000;

    private static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly Stack<char> _brackets = new();
    private readonly int _start = start;

    /// <summary>After the last token: behind the tag's end.</summary>
    public int Position { get; private set; } = start;

    /// <summary>The sign before the tag's end, or a space.</summary>
    public char EndSign { get; private set; } = ' ';

    /// <summary>Null at the end of the tag.</summary>
    public Token? Next()
    {
        while (Position < source.Length && PythonText.IsSpace(source[Position]))
            Position++;
        if (Position == source.Length)
            throw new JinjaFault($"the tag does not end; add {close}.", _start);
        if (_brackets.Count == 0 && TryEnd())
            return null;

        var letter = source[Position];
        if (char.IsAsciiDigit(letter))
            return ReadNumber();
        if (char.IsLetter(letter) || letter == '_')
            return ReadName();
        return letter is '"' or '\'' ? ReadString() : ReadOperator();
    }

    private bool TryEnd()
    {
        var sign = source[Position];
        var signed = sign == '-' || (sign == '+' && close == "%}");
        if (string.CompareOrdinal(source, Position + (signed ? 1 : 0), close, 0, close.Length) != 0)
            return false;
        EndSign = signed ? sign : ' ';
        Position += close.Length + (signed ? 1 : 0);
        return true;
    }

    private Token ReadName()
    {
        var begin = Position;
        while (Position < source.Length && (char.IsLetterOrDigit(source[Position]) || source[Position] == '_'))
            Position++;
        return Position - begin <= LongestName
            ? new(TokenKind.Name, source[begin..Position], begin)
            : throw new JinjaFault($"a name has more than {LongestName} characters.", begin);
    }

    private Token ReadOperator()
    {
        foreach (var text in Operators)
        {
            if (string.CompareOrdinal(source, Position, text, 0, text.Length) != 0)
                continue;
            Balance(text);
            Position += text.Length;
            return new(TokenKind.Operator, text, Position - text.Length);
        }

        throw new JinjaFault($"the character '{source.AsSpan(Position, CodePoints.LengthAt(source, Position))}' means nothing here.", Position);
    }

    private void Balance(string text)
    {
        if (text is "(" or "[" or "{")
        {
            if (_brackets.Count == DeepestBrackets)
                throw new JinjaFault($"brackets nest deeper than {DeepestBrackets}.", Position);
            _brackets.Push(text switch { "(" => ')', "[" => ']', _ => '}' });
        }
        else if (text is ")" or "]" or "}" && !(_brackets.TryPop(out var expected) && expected == text[0]))
        {
            throw new JinjaFault(expected == default ? $"'{text}' closes nothing." : $"'{text}' stands where '{expected}' must close.", Position);
        }
    }

    private Token ReadNumber()
    {
        var begin = Position;
        if (source[begin] == '0' && begin + 1 < source.Length && char.ToLowerInvariant(source[begin + 1]) is var kind and ('x' or 'o' or 'b'))
            return new(TokenKind.Integer, "", begin) { Integer = ReadPrefixed(kind switch { 'x' => 16, 'o' => 8, _ => 2 }) };

        var text = ReadDigits();
        var isFloat = false;
        if (Peek(0) == '.' && char.IsAsciiDigit(Peek(1)))
        {
            Position++;
            (text, isFloat) = ($"{text}.{ReadDigits()}", true);
        }

        if (char.ToLowerInvariant(Peek(0)) == 'e' && (char.IsAsciiDigit(Peek(1)) || (Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))))
        {
            var sign = Peek(1) is '+' or '-' ? Peek(1).ToString() : "";
            Position += 1 + sign.Length;
            (text, isFloat) = ($"{text}e{sign}{ReadDigits()}", true);
        }

        return isFloat
            ? new(TokenKind.Float, "", begin) { Float = double.Parse(text, CultureInfo.InvariantCulture) }
            : new(TokenKind.Integer, "", begin) { Integer = BigInteger.Parse(text, CultureInfo.InvariantCulture) };
    }

    private string ReadDigits()
    {
        var begin = Position;
        while (char.IsAsciiDigit(Peek(0)) || (Peek(0) == '_' && char.IsAsciiDigit(Peek(1))))
            Position++;
        if (Position - begin > LongestNumber)
            throw new JinjaFault($"a number has more than {LongestNumber} digits.", begin);
        return source[begin..Position].Replace("_", "", StringComparison.Ordinal);
    }

    private BigInteger ReadPrefixed(int radix)
    {
        var begin = Position;
        Position += 2;
        var value = BigInteger.Zero;
        for (; char.IsAsciiHexDigit(Peek(0)) || Peek(0) == '_'; Position++)
        {
            if (Peek(0) == '_')
                continue;
            var digit = Convert.ToInt32(Peek(0).ToString(), 16);
            value = digit < radix && Position - begin <= LongestNumber ? (value * radix) + digit : throw new JinjaFault("this number cannot be read.", begin);
        }

        return Position > begin + 2 ? value : throw new JinjaFault("this number has no digits.", begin);
    }

    private char Peek(int ahead) => Position + ahead < source.Length ? source[Position + ahead] : '\0';

    private Token ReadString()
    {
        var begin = Position;
        var end = begin + 1;
        while (end < source.Length && source[end] != source[begin])
            end += source[end] == '\\' ? 2 : 1;
        if (end >= source.Length)
            throw new JinjaFault("the string does not end; add a quote.", begin);
        Position = end + 1;
        return new(TokenKind.String, StringEscapes.Read(source.AsSpan(begin + 1, end - begin - 1), begin), begin);
    }
}
