using System.Buffers;

namespace Parley.Text;

/// <summary>
/// Finds added tokens in a text and cuts it into those and the text between. Where matches overlap, llama.cpp prefers the
/// longest token and Hugging Face the leftmost; each vocabulary says which. One pass over a trie: no cost per token.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private readonly AddedToken[] _tokens;
    private readonly bool _leftmostFirst;
    private readonly Dictionary<long, int> _edges = [];
    private readonly List<int> _tokenAt = [-1];
    private readonly SearchValues<char> _firstCharacters;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens, bool leftmostFirst)
    {
        _tokens = [.. tokens.Where(token => token.Text.Length > 0)];
        _leftmostFirst = leftmostFirst;
        for (var index = 0; index < _tokens.Length; index++)
            Insert(index);
        _firstCharacters = SearchValues.Create([.. _tokens.Select(token => token.Text[0]).Distinct()]);
    }

    public bool IsEmpty => _tokens.Length == 0;

    /// <summary>Cuts the text; control tokens are found only where <paramref name="trusted"/> holds them wholly.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="trusted">Ranges in order, each with room before the next.</param>
    public List<TextFragment> Cut(ReadOnlySpan<char> text, IReadOnlyList<(int Start, int End)> trusted)
    {
        var matches = Find(text, trusted);
        if (matches.Count == 0)
            return text.IsEmpty ? [] : [new TextFragment(0, text.Length)];

        matches.Sort(_leftmostFirst ? CompareLeftmost : CompareLongest);
        var taken = new bool[text.Length];
        var accepted = new List<TextFragment>();
        foreach (var match in matches)
        {
            if (taken.AsSpan(match.Start, match.Length).Contains(true))
                continue;
            taken.AsSpan(match.Start, match.Length).Fill(true);
            accepted.Add(match with { Id = _tokens[match.Id].Id });
            Trim(text, taken, match);
        }

        accepted.Sort((left, right) => left.Start.CompareTo(right.Start));
        return Interleave(taken, accepted);
    }

    private void Insert(int index)
    {
        var node = 0;
        foreach (var character in _tokens[index].Text)
        {
            if (!_edges.TryGetValue(Edge(node, character), out var next))
            {
                next = _tokenAt.Count;
                _edges.Add(Edge(node, character), next);
                _tokenAt.Add(-1);
            }

            node = next;
        }

        if (_tokenAt[node] < 0)
            _tokenAt[node] = index;
    }

    // A match's Id is the token's index until it is accepted.
    private List<TextFragment> Find(ReadOnlySpan<char> text, IReadOnlyList<(int Start, int End)> trusted)
    {
        var matches = new List<TextFragment>();
        var range = 0;
        for (var start = 0; start < text.Length; start++)
        {
            var skip = text[start..].IndexOfAny(_firstCharacters);
            if (skip < 0)
                break;
            start += skip;
            while (range < trusted.Count && trusted[range].End <= start)
                range++;
            var trustedEnd = range < trusted.Count && trusted[range].Start <= start ? trusted[range].End : 0;
            for (int node = 0, at = start; at < text.Length && _edges.TryGetValue(Edge(node, text[at]), out node); at++)
            {
                if (_tokenAt[node] is >= 0 and var index && (at < trustedEnd || !_tokens[index].IsControl) && Stands(text, start, at + 1, _tokens[index]))
                    matches.Add(new TextFragment(start, at + 1 - start, index));
            }
        }

        return matches;
    }

    private static bool Stands(ReadOnlySpan<char> text, int start, int end, AddedToken token) =>
        !token.WholeWord || !((start > 0 && IsWord(text[start - 1])) || (end < text.Length && IsWord(text[end])));

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character == '_';

    private int CompareLongest(TextFragment left, TextFragment right) =>
        left.Length != right.Length ? right.Length.CompareTo(left.Length)
        : left.Id != right.Id ? _tokens[left.Id].Id.CompareTo(_tokens[right.Id].Id)
        : left.Start.CompareTo(right.Start);

    private int CompareLeftmost(TextFragment left, TextFragment right)
    {
        var late = _tokens[left.Id].Late.CompareTo(_tokens[right.Id].Late);
        return late != 0 ? late : left.Start != right.Start ? left.Start.CompareTo(right.Start) : right.Length.CompareTo(left.Length);
    }

    private void Trim(ReadOnlySpan<char> text, bool[] taken, TextFragment match)
    {
        var token = _tokens[match.Id];
        for (var at = match.Start - 1; token.TrimsLeft && at >= 0 && !taken[at] && IsSpace(text[at]); at--)
            taken[at] = true;
        for (var at = match.Start + match.Length; token.TrimsRight && at < text.Length && !taken[at] && IsSpace(text[at]); at++)
            taken[at] = true;
    }

    // llama.cpp asks C's isspace.
    private bool IsSpace(char character) => _leftmostFirst ? char.IsWhiteSpace(character) : character is ' ' or (>= '\t' and <= '\r');

    private static List<TextFragment> Interleave(ReadOnlySpan<bool> taken, List<TextFragment> accepted)
    {
        var fragments = new List<TextFragment>((2 * accepted.Count) + 1);
        var done = 0;
        foreach (var token in accepted)
        {
            AddText(fragments, taken, done, token.Start);
            fragments.Add(token);
            done = token.Start + token.Length;
        }

        AddText(fragments, taken, done, taken.Length);
        return fragments;
    }

    // What was trimmed lies at the ends of a stretch between two tokens.
    private static void AddText(List<TextFragment> fragments, ReadOnlySpan<bool> taken, int start, int end)
    {
        while (start < end && taken[start])
            start++;
        while (end > start && taken[end - 1])
            end--;
        if (end > start)
            fragments.Add(new TextFragment(start, end - start));
    }

    private static long Edge(int node, char character) => ((long)node << 16) | character;
}

/// <summary>A stretch of a text: an added token, or text when <see cref="Id"/> is negative.</summary>
internal readonly record struct TextFragment(int Start, int Length, int Id = -1)
{
    public bool IsText => Id < 0;
}
