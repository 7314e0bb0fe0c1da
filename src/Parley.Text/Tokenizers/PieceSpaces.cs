namespace Parley.Text;

/// <summary>When a text between two added tokens gets a space before it.</summary>
internal enum SpacePrefix
{
    Never,

    /// <summary>Only at the very beginning.</summary>
    First,

    /// <summary>Unless it begins with one.</summary>
    UnlessThere,
    Always,
}

/// <summary>How a SentencePiece vocabulary turns spaces into its '▁', and where it cuts before merging.</summary>
internal sealed record PieceSpaces
{
    public SpacePrefix Prefix { get; init; }

    /// <summary>Every '▁' begins a word by itself (Metaspace with split).</summary>
    public bool CutsEverySpace { get; init; }

    /// <summary>No merge goes over a line end, and a run of them that is a token is that token (Gemma 4).</summary>
    public bool CutsLines { get; init; }

    /// <summary>The text as it is looked up.</summary>
    public string Apply(string text, bool isFirst)
    {
        var pieces = text.Replace(' ', PieceVocabulary.Space);
        var prefixed = Prefix switch
        {
            SpacePrefix.Never => false,
            SpacePrefix.First => isFirst && pieces[0] != PieceVocabulary.Space,
            SpacePrefix.UnlessThere => pieces[0] != PieceVocabulary.Space,
            _ => true,
        };
        return prefixed ? PieceVocabulary.Space + pieces : pieces;
    }
}
