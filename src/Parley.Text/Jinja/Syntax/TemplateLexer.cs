namespace Parley.Text.Jinja;

/// <summary>
/// Cuts a template into text and tags, and decides which white space around a tag is text: trim_blocks and lstrip_blocks are on, as Hugging Face
/// and llama.cpp set them, and <c>-</c> and <c>+</c> in a tag override. What stands inside a tag is <see cref="ExpressionLexer"/>'s.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private bool _atLineStart = true;

    private TemplateLexer(string source) => _source = source;

    /// <summary>Line ends become \n and the last one goes, as Jinja does before all else.</summary>
    public static string Normalize(string source)
    {
        var normalized = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return normalized.EndsWith('\n') ? normalized[..^1] : normalized;
    }

    /// <param name="source">Normalized.</param>
    /// <exception cref="JinjaFault">A tag, comment or string that does not end, or a character that means nothing.</exception>
    public static List<Token> Run(string source)
    {
        var lexer = new TemplateLexer(source);
        while (lexer._at < source.Length)
            lexer.Next();
        lexer._tokens.Add(new(TokenKind.End, "", source.Length));
        return lexer._tokens;
    }

    private void Next()
    {
        var open = FindTag(_at);
        if (open < 0)
        {
            Add(TokenKind.Text, _source[_at..], _at);
            _at = _source.Length;
            return;
        }

        var start = _at;
        var sign = SignAt(open + 2);
        _at = open + (sign is null ? 2 : 3);
        AddText(start, open, sign, stripsLine: _source[open + 1] != '{');
        switch (_source[open + 1])
        {
            case '#':
                SkipComment(open);
                break;
            case '{':
                ReadTag(open, TokenKind.PrintBegin, TokenKind.PrintEnd, "}}");
                break;
            default:
                if (!ReadRaw(open))
                    ReadTag(open, TokenKind.TagBegin, TokenKind.TagEnd, "%}");
                break;
        }
    }

    private int FindTag(int from)
    {
        for (var at = from; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '{' or '%' or '#')
                return at;
        }

        return -1;
    }

    private char? SignAt(int at) => at < _source.Length && _source[at] is '-' or '+' ? _source[at] : null;

    private void AddText(int start, int end, char? sign, bool stripsLine)
    {
        var text = _source.AsSpan(start, end - start);
        if (sign == '-')
        {
            while (text.Length > 0 && PythonText.IsSpace(text[^1]))
                text = text[..^1];
        }
        else if (sign is null && stripsLine)
        {
            var line = text.LastIndexOf('\n') + 1;
            if ((line > 0 || _atLineStart) && IsBlank(text[line..]))
                text = text[..line];
        }

        if (text.Length > 0)
            Add(TokenKind.Text, text.ToString(), start);
        _atLineStart = false;
    }

    private static bool IsBlank(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!PythonText.IsSpace(letter))
                return false;
        }

        return true;
    }

    private void SkipComment(int open)
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
            throw new JinjaFault("the comment does not end; add #}.", open);
        Close(end + 2, end > _at ? _source[end - 1] : ' ', trimsLine: true);
    }

    private void ReadTag(int open, TokenKind begin, TokenKind end, string close)
    {
        Add(begin, "", open);
        var expressions = new ExpressionLexer(_source, _at, close);
        while (expressions.Next() is { } token)
            _tokens.Add(token);
        Add(end, "", expressions.Position - close.Length - (expressions.EndSign == ' ' ? 0 : 1));
        Close(expressions.Position, expressions.EndSign, trimsLine: close == "%}");
    }

    // {% raw %} ... {% endraw %}: nothing in between is a tag.
    private bool ReadRaw(int open)
    {
        if (Marker(_at, "raw") is not { } begin)
            return false;
        Close(begin.End, begin.Sign == '-' ? '-' : ' ', trimsLine: false);
        for (var at = _at; (at = _source.IndexOf("{%", at, StringComparison.Ordinal)) >= 0; at++)
        {
            var sign = SignAt(at + 2);
            if (Marker(at + (sign is null ? 2 : 3), "endraw") is not { } end)
                continue;
            AddText(_at, at, sign, stripsLine: true);
            Close(end.End, end.Sign, trimsLine: true);
            return true;
        }

        throw new JinjaFault("the raw block does not end; add {% endraw %}.", open);
    }

    /// <summary>Where a tag that is just one word ends, and the sign before its end.</summary>
    private (int End, char Sign)? Marker(int at, string word)
    {
        at = SkipSpace(at);
        if (string.CompareOrdinal(_source, at, word, 0, word.Length) != 0)
            return null;
        at = SkipSpace(at + word.Length);
        var sign = SignAt(at) ?? ' ';
        if (sign != ' ')
            at++;
        return string.CompareOrdinal(_source, at, "%}", 0, 2) == 0 ? (at + 2, sign) : null;
    }

    private int SkipSpace(int at)
    {
        while (at < _source.Length && PythonText.IsSpace(_source[at]))
            at++;
        return at;
    }

    /// <summary>Goes on behind a tag, and behind the white space that the tag takes along.</summary>
    private void Close(int end, char sign, bool trimsLine)
    {
        _at = end;
        if (sign == '-')
            _at = SkipSpace(end);
        else if (sign != '+' && trimsLine && end < _source.Length && _source[end] == '\n')
            _at = end + 1;
        _atLineStart = _source[_at - 1] == '\n';
    }

    private void Add(TokenKind kind, string text, int position) => _tokens.Add(new(kind, text, position));
}
