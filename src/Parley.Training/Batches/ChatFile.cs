using System.IO.Compression;
using System.Text.Json;
using System.Text.Unicode;

namespace Parley.Training.Batches;

/// <summary>
/// Reads conversations in the format of OpenAI's fine-tuning files (https://platform.openai.com/docs/api-reference/fine-tuning/chat-input): one JSON object a line,
/// gzip if the name ends in .gz. Every fault is an <see cref="InvalidDataException"/> that names file, line and remedy. It does not know token ids.
/// </summary>
public static class ChatFile
{
    /// <summary>The longest line that is read, in bytes; one that is longer is no conversation.</summary>
    public const int LongestLine = 16 << 20;

    private static readonly JsonDocumentOptions Strictly = new() { AllowDuplicateProperties = false };

    /// <summary>The conversations in order; empty lines are passed over.</summary>
    /// <exception cref="InvalidDataException">The file is missing or damaged, or a line is at fault.</exception>
    public static IEnumerable<ChatExample> Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist; name a chat file with one JSON object a line.");
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        foreach (var (number, bytes) in new ByteLines(plain, path).Read())
        {
            if (bytes.Span.IndexOfAnyExcept(" \t\r"u8) >= 0) yield return Parse(path, number, bytes);
        }
    }

    internal static InvalidDataException Fault(string path, int line, string problem, Exception? inner = null) =>
        new($"{path}, line {line} {problem}.", inner);

    private static ChatExample Parse(string path, int line, ReadOnlyMemory<byte> bytes)
    {
        if (!Utf8.IsValid(bytes.Span)) throw Fault(path, line, "is not UTF-8; convert the file");
        try
        {
            using var json = JsonDocument.Parse(bytes, Strictly);
            return new ChatLineReader(path, line).Read(json.RootElement);
        }
        catch (JsonException error)
        {
            throw Fault(path, line, $"is not valid JSON ({error.Message.Split('.')[0]}); mend or remove the line", error);
        }
        catch (InvalidOperationException error)
        {
            throw Fault(path, line, "holds a string that is not Unicode (half a surrogate pair); mend or remove the line", error);
        }
    }

    /// <summary>Cuts a stream at line feeds. Lines are views of one buffer, valid until the next.</summary>
    private sealed class ByteLines(Stream stream, string path)
    {
        private byte[] _buffer = new byte[1 << 16];
        private int _start, _end;
        private bool _isOver;

        public IEnumerable<(int Number, ReadOnlyMemory<byte> Bytes)> Read()
        {
            for (var number = 1; ; number++)
            {
                var length = Find(number);
                if (_isOver && length == 0 && _start == _end) yield break;
                yield return (number, Trim(number, _buffer.AsMemory(_start, length)));
                _start = Math.Min(_end, _start + length + 1);
            }
        }

        private static ReadOnlyMemory<byte> Trim(int number, ReadOnlyMemory<byte> line) =>
            number == 1 && line.Span.StartsWith("\uFEFF"u8) ? line["\uFEFF"u8.Length..] : line;

        /// <summary>The bytes to the next line feed, or to the end.</summary>
        private int Find(int number)
        {
            for (var looked = 0; ; )
            {
                var at = _buffer.AsSpan((_start + looked).._end).IndexOf((byte)'\n');
                if (at >= 0) return looked + at;
                looked = _end - _start;
                if (looked > LongestLine) throw Fault(path, number, $"is longer than {LongestLine >> 20} MB; it is no conversation, remove it");
                if (_isOver) return looked;
                Fill();
            }
        }

        private void Fill()
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start.._end).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            try
            {
                var read = stream.Read(_buffer, _end, _buffer.Length - _end);
                (_end, _isOver) = (_end + read, read == 0);
            }
            catch (InvalidDataException error)
            {
                throw new InvalidDataException($"{path} is not whole gzip ({error.Message.TrimEnd('.')}); copy or compress it again.", error);
            }
        }
    }
}
