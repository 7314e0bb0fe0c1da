namespace Parley.Text;

/// <summary>Finds where a JSON object or array that begins a text ends. It looks at brackets and strings only; whether it is JSON is for a parser to say.</summary>
internal struct JsonExtent
{
    private int _at;
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>The length of the value; null while it is not complete. The text may have grown since the last call, nothing else.</summary>
    public int? Find(ReadOnlySpan<char> text)
    {
        while (_at < text.Length)
        {
            if (IsEnd(text[_at++]))
            {
                return _at;
            }
        }

        return null;
    }

    /// <summary>Takes the next letter alone: whether it is the value's last.</summary>
    public bool IsEnd(char letter)
    {
        if (_inString)
        {
            (_inString, _escaped) = (_escaped || letter != '"', !_escaped && letter == '\\');
            return false;
        }

        _inString = letter == '"';
        _depth += letter is '{' or '[' ? 1 : letter is '}' or ']' ? -1 : 0;
        return _depth <= 0;
    }
}
