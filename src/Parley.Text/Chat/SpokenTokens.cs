using System.Text;
using Parley.Text.Jinja;

namespace Parley.Text;

/// <summary>
/// Which tokens of a rendered conversation the model speaks. Where the template has generation blocks they decide; otherwise it is all from the
/// first to the last character that an assistant message contributed, and the end token behind it. A token counts if any of its characters does.
/// What a message said that is not to be scored is left out either way.
/// </summary>
internal static class SpokenTokens
{
    public static bool[] Of(in MarkedText text, ReadOnlySpan<int> ids, Tokenizer tokenizer, IReadOnlyList<int> endIds, IReadOnlySet<int> unscored)
    {
        var mask = new bool[ids.Length];
        var marks = text.Marks;
        var byBlocks = marks.Any(mark => mark.Origin.IsGeneration);
        var spoken = byBlocks ? Blocks(marks, unscored) : Messages(marks, unscored);
        if (spoken.Count == 0)
            return mask;

        var cursor = new TokenCursor(text, tokenizer);
        var at = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            var (start, end) = cursor.Next(ids[i]);
            while (at < spoken.Count && spoken[at].End <= start)
                at++;
            mask[i] = at < spoken.Count && spoken[at].Start < end;
            var endsMessage = !byBlocks && !mask[i] && at > 0 && endIds.Contains(ids[i]) && IsTemplate(marks, spoken[at - 1].End, start);
            if (endsMessage)
            {
                mask[i] = true;
                for (var behind = i - 1; behind >= 0 && !mask[behind]; behind--)
                    mask[behind] = true; // what the template puts between the last word and the end token is said too
            }
        }

        return mask;
    }

    private static List<(int Start, int End)> Blocks(IReadOnlyList<TextMark> marks, IReadOnlySet<int> unscored)
    {
        var spans = new List<(int Start, int End)>();
        var left = new HashSet<int>(); // spans in which a message speaks that does not count
        var start = 0;
        foreach (var mark in marks)
        {
            if (mark.Origin.IsGeneration && spans.Count > 0 && spans[^1].End == start)
                spans[^1] = (spans[^1].Start, mark.End);
            else if (mark.Origin.IsGeneration)
                spans.Add((start, mark.End));
            if (mark.Origin.IsGeneration && unscored.Contains(mark.Origin.Speaker))
                left.Add(spans.Count - 1);
            start = mark.End;
        }

        return [.. spans.Where((_, index) => !left.Contains(index))];
    }

    // From the first to the last character of each message; a message that appears again behind another one begins anew.
    private static List<(int Start, int End)> Messages(IReadOnlyList<TextMark> marks, IReadOnlySet<int> unscored)
    {
        var spans = new List<(int Start, int End, int Speaker)>();
        var (start, speaker) = (0, 0);
        foreach (var mark in marks)
        {
            if (mark.Origin.Speaker > 0 && mark.Origin.Speaker == speaker)
                spans[^1] = (spans[^1].Start, mark.End, speaker);
            else if (mark.Origin.Speaker > 0)
                spans.Add((start, mark.End, mark.Origin.Speaker));
            if (mark.Origin.Speaker > 0)
                speaker = mark.Origin.Speaker;
            start = mark.End;
        }

        return [.. spans.Where(span => !unscored.Contains(span.Speaker)).Select(span => (span.Start, span.End))];
    }

    private static bool IsTemplate(IReadOnlyList<TextMark> marks, int from, int to)
    {
        var start = 0;
        foreach (var mark in marks)
        {
            if (mark.End > from && start < to && !mark.Origin.IsTrusted)
                return false;
            start = mark.End;
        }

        return true;
    }

    /// <summary>Walks the text beside its tokens. Control tokens have no bytes and are found by name, which also ends any drift before them.</summary>
    private sealed class TokenCursor(MarkedText text, Tokenizer tokenizer)
    {
        private int _at;
        private int _bytesLeft; // of the character at _at, when a token ended inside of it

        public (int Start, int End) Next(int id)
        {
            if (tokenizer.Special.TextOf(id) is { } name)
            {
                var found = text.Text.IndexOf(name, _at, StringComparison.Ordinal);
                while (found >= 0 && !text.OriginAt(found).IsTrusted)
                    found = text.Text.IndexOf(name, found + 1, StringComparison.Ordinal);
                if (found < 0)
                    return (_at, _at);
                (_at, _bytesLeft) = (found + name.Length, 0);
                return (found, _at);
            }

            var bytes = tokenizer.TokenBytes(id);
            // A space that only the vocabulary put before the first word.
            if (bytes is [(byte)' ', ..] && _at < text.Length && text.Text[_at] != ' ' && _bytesLeft == 0)
                bytes = bytes[1..];
            var start = _at;
            Advance(bytes.Length);
            return (start, _bytesLeft > 0 ? _at + 1 : _at);
        }

        private void Advance(int bytes)
        {
            while (bytes > 0 && _at < text.Length)
            {
                if (_bytesLeft == 0)
                    _bytesLeft = Rune.TryGetRuneAt(text.Text, _at, out var rune) ? rune.Utf8SequenceLength : Rune.ReplacementChar.Utf8SequenceLength;
                var taken = Math.Min(bytes, _bytesLeft);
                bytes -= taken;
                _bytesLeft -= taken;
                if (_bytesLeft == 0)
                    _at += CodePoints.LengthAt(text.Text, _at);
            }
        }
    }
}
