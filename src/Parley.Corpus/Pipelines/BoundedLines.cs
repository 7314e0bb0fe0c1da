using System.Text;

namespace Parley.Corpus.Pipelines;

/// <summary>Lines of a text, none longer than memory should hold: a file of one endless line ends in a sentence, not in a dead process.</summary>
/// <param name="reader">Throws <see cref="DecoderFallbackException"/> at bytes that are not text.</param>
/// <param name="path">For messages.</param>
/// <param name="most">The longest line, in characters.</param>
internal sealed class BoundedLines(TextReader reader, string path, int most = BoundedLines.Longest)
{
    public const int Longest = 64 << 20;

    private readonly char[] _block = new char[1 << 16];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _end;

    /// <summary>Lines read so far.</summary>
    public long Number { get; private set; }

    /// <summary>The next line without its end (LF or CR LF); null behind the last.</summary>
    /// <exception cref="InvalidDataException">It is too long, not UTF-8, or the file's compression is damaged; names file and line.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        _line.Clear();
        while (true)
        {
            if (_at == _end && !await FillAsync(cancellationToken))
                return _line.Length > 0 ? Finish([]) : null;
            var rest = _block.AsSpan(_at, _end - _at);
            var length = rest.IndexOf('\n');
            if (_line.Length + (length < 0 ? rest.Length : length) > most)
                throw new InvalidDataException($"{path}, line {Number + 1} is longer than {most:N0} characters; cut its document into smaller ones.");
            _at += length < 0 ? rest.Length : length + 1;
            if (length >= 0)
                return Finish(rest[..length]);
            _line.Append(rest);
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            (_at, _end) = (0, await reader.ReadAsync(_block, cancellationToken));
            return _end > 0;
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"{path} is not UTF-8 text (at or soon after line {Number + 1}); convert it to UTF-8, or remove it.", error);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{path} is damaged ({error.Message}); fetch it again.", error);
        }
    }

    private string Finish(ReadOnlySpan<char> end)
    {
        Number++;
        _line.Append(end);
        if (_line.Length > 0 && _line[^1] == '\r')
            _line.Length--;
        return _line.ToString();
    }
}
