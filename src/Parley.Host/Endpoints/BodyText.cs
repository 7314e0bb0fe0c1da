using System.Text;
using System.Text.Unicode;
using Parley.Protocol.Errors;

namespace Parley.Host.Endpoints;

/// <summary>
/// The bytes of a JSON body, known to be whole characters: valid UTF-8, and every \u escape of half a surrogate pair beside its other half (RFC 8259, section
/// 8.2, leaves to the reader what to do with others). A text that is none cannot become tokens, and .NET's reader finds out only when the string is asked for.
/// </summary>
internal static class BodyText
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <exception cref="ParleyException">400.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        ReadOnlyMemory<byte> bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        Check(bytes.Span);
        return bytes.Span.StartsWith(ByteOrderMark) ? bytes[ByteOrderMark.Length..] : bytes;
    }

    /// <exception cref="ParleyException">400 with the place.</exception>
    public static void Check(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw ParleyException.InvalidRequest($"The body is not UTF-8 at byte {FirstInvalid(json) + 1}; send UTF-8.", code: "invalid_encoding");
        }

        for (var at = json.IndexOf((byte)'\\'); at >= 0 && at + 1 < json.Length;)
        {
            var unit = Escaped(json[at..]);
            var length = unit < 0 ? 2 : 6;
            if (char.IsSurrogate((char)Math.Max(unit, 0)))
            {
                length = char.IsHighSurrogate((char)unit) && Escaped(json[(at + 6)..]) is >= 0xDC00 and <= 0xDFFF
                    ? 12
                    : throw ParleyException.InvalidRequest($"The body has \\u{unit:x4}, half of a character, at byte {at + 1}; send both halves or neither.", code: "invalid_encoding");
            }

            var next = json[(at + length)..].IndexOf((byte)'\\');
            at = next < 0 ? -1 : at + length + next;
        }
    }

    /// <summary>The UTF-16 unit of an escape \uXXXX that begins here; -1 where none does.</summary>
    private static int Escaped(ReadOnlySpan<byte> json) =>
        json.Length >= 6 && json[0] == '\\' && json[1] == 'u' && int.TryParse(json[2..6], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var unit) ? unit : -1;

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }
}
