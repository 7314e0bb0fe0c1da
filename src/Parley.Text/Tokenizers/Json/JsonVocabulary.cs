using System.Text.Json;

namespace Parley.Text;

/// <summary>Tokens, merges and added tokens of a tokenizer.json.</summary>
internal static class JsonVocabulary
{
    private const int MostHoles = 1 << 16;

    /// <summary>By id, the added tokens among them, and the added ones in id order. An id that the file leaves out is an empty text.</summary>
    /// <exception cref="InvalidDataException">An id is given twice, or too many are left out.</exception>
    public static (string[] Tokens, List<AddedToken> Added) Read(JsonPart root, JsonPart model)
    {
        var byId = new Dictionary<int, string>();
        foreach (var (token, id) in model.Get("vocab").Members())
        {
            if (!byId.TryAdd(id.AsInteger(), token))
                throw id.Error($"is {id.AsInteger()}, which is the id of '{byId[id.AsInteger()]}' too");
        }

        var added = new SortedDictionary<int, AddedToken>();
        foreach (var part in root.List("added_tokens"))
        {
            var token = ReadAdded(part);
            if (!byId.TryAdd(token.Id, token.Text) && byId[token.Id] != token.Text)
                throw part.Error($"has the id {token.Id}, which is that of '{byId[token.Id]}' too");
            added.TryAdd(token.Id, token);
        }

        var tokens = new string[Length(byId)];
        Array.Fill(tokens, "");
        foreach (var (id, token) in byId)
            tokens[id] = token;
        return (tokens, [.. added.Values]);
    }

    /// <summary>Where among added_tokens those stand whose ids are not below <paramref name="rows"/> and that are no tokens of the model's own vocabulary.</summary>
    public static HashSet<int> AddedBeyond(JsonPart root, int rows)
    {
        var beyond = root.List("added_tokens").Select((part, at) => (At: at, Id: part.Integer("id"), Text: part.Text("content"))).Where(token => token.Id >= rows).ToList();
        if (beyond.Count == 0)
            return [];
        var own = root.Get("model").Get("vocab").Members().Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
        return [.. beyond.Where(token => !own.Contains(token.Text)).Select(token => token.At)];
    }

    /// <summary>As "a b".</summary>
    public static string[] Merges(JsonPart model) => [.. model.Get("merges").Items().Select(merge =>
        merge.Element.ValueKind == JsonValueKind.String ? merge.AsText() : Pair(merge) is var (left, right) && !left.Contains(' ') && !right.Contains(' ')
            ? $"{left} {right}"
            : throw merge.Error("has a token with a space, which a byte-level vocabulary cannot have"))];

    /// <summary>As pairs.</summary>
    public static (string Left, string Right)[] MergePairs(JsonPart model) => [.. model.Get("merges").Items().Select(Pair)];

    /// <summary>What a piece is, told by how it is written.</summary>
    public static GgufTokenType[] Types(string[] tokens, List<AddedToken> added, bool bytes)
    {
        var types = Array.ConvertAll(tokens, token => token.Length == 0 ? GgufTokenType.Unused :
            bytes && token is ['<', '0', 'x', var high, var low, '>'] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low) ? GgufTokenType.Byte : GgufTokenType.Normal);
        foreach (var token in added.Where(token => token.IsControl))
            types[token.Id] = GgufTokenType.Control;
        return types;
    }

    // Published vocabularies leave out single ids; memory for all up to the highest must stay in proportion to what is there.
    private static int Length(Dictionary<int, string> tokens)
    {
        var highest = tokens.Count == 0 ? -1 : tokens.Keys.Max();
        return highest < 2L * tokens.Count + MostHoles
            ? highest + 1
            : throw new InvalidDataException($"the vocabulary has {tokens.Count} tokens and the id {highest}, which leaves too many ids without a token");
    }

    private static (string Left, string Right) Pair(JsonPart merge)
    {
        if (merge.Element.ValueKind == JsonValueKind.Array && merge.Items().ToArray() is [var left, var right])
            return (left.AsText(), right.AsText());
        var text = merge.Element.ValueKind == JsonValueKind.String ? merge.AsText() : throw merge.Error("is neither two tokens nor a text with a space between two");
        var space = text.IndexOf(' ');
        return space > 0 && space < text.Length - 1
            ? (text[..space], text[(space + 1)..])
            : throw merge.Error($"is '{text}', not two tokens with a space between them");
    }

    private static AddedToken ReadAdded(JsonPart part) => new AddedToken(part.Text("content"), part.Integer("id"))
    {
        IsControl = part.Flag("special", true),
        TrimsLeft = part.Flag("lstrip", false),
        TrimsRight = part.Flag("rstrip", false),
        WholeWord = part.Flag("single_word", false),
        Late = part.Flag("normalized", false),
    }.Check();
}
