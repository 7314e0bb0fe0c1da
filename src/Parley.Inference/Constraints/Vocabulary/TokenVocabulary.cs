using System.Runtime.CompilerServices;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// A tokenizer's ids by the bytes that they stand for, made once a tokenizer. Ids without bytes (control tokens) are in no tree and so in no
/// mask. Immutable.
/// </summary>
internal sealed class TokenVocabulary
{
    private static readonly ConditionalWeakTable<Tokenizer, TokenVocabulary> Known = [];

    private readonly TokenTrie _all, _special;
    private readonly PlainTokens _plain;

    private TokenVocabulary(Tokenizer tokenizer)
    {
        Tokenizer = tokenizer;
        Words = (tokenizer.VocabularySize + 63) / 64;
        var tokens = Enumerable.Range(0, tokenizer.VocabularySize).Where(id => tokenizer.TokenBytes(id).Length > 0 && !tokenizer.Special.IsSpecial(id))
            .Select(id => (Id: id, Bytes: tokenizer.TokenBytes(id).ToArray())).Where(token => token.Bytes.Length <= ushort.MaxValue).ToArray();
        _all = new TokenTrie(tokens);
        _special = new TokenTrie([.. tokens.Where(token => !PlainTokens.IsPlain(token.Bytes))]);
        _plain = new PlainTokens([.. tokens.Where(token => PlainTokens.IsPlain(token.Bytes))], Words);
        Alphabet = new ByteAlphabetSet(tokens.Where(token => token.Bytes.Length == 1).Select(token => token.Bytes[0]));
    }

    public Tokenizer Tokenizer { get; }

    /// <summary>64-bit words of a mask.</summary>
    public int Words { get; }

    /// <summary>Bytes that are a token each.</summary>
    public ByteAlphabetSet Alphabet { get; }

    public static TokenVocabulary Of(Tokenizer tokenizer) => Known.GetValue(tokenizer, static tokenizer => new TokenVocabulary(tokenizer));

    /// <summary>The tokens that may follow in a state, one bit each.</summary>
    /// <param name="places">What it cost: see <see cref="TokenTrie.Walk"/>.</param>
    public ulong[] MaskOf(LazyAutomaton automaton, AutomatonState state, out int places)
    {
        var mask = new ulong[Words];
        var (characters, andNoMore) = automaton.AnyCharacters(state);
        if (characters > 0 && (andNoMore || characters >= _plain.Longest))
        {
            _plain.Allow(characters, mask);
            places = _special.Walk(automaton, state, mask);
        }
        else
        {
            places = _all.Walk(automaton, state, mask);
        }

        automaton.AllowControl(state, mask);
        return mask;
    }
}
