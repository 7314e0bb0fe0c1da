using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// One choice on its way from tokens to text: whole characters only, nothing of a stop string, nothing that an earlier run already showed.
/// It counts the tokens up to the one that ended the answer. It knows no engine.
/// </summary>
internal sealed class ChoiceStream
{
    private readonly Tokenizer _tokenizer;
    private readonly StreamingDetokenizer _detokenizer;
    private readonly StopMatcher _stops;
    private readonly int _shown;
    private int _length;

    /// <param name="tokenizer">Gives each token's bytes.</param>
    /// <param name="request">Its stop strings, resumed tokens and the length of the text they showed.</param>
    /// <param name="endTokens">Ids that end an answer and are no text.</param>
    public ChoiceStream(Tokenizer tokenizer, GenerationRequest request, IReadOnlyList<int> endTokens)
    {
        (_tokenizer, _detokenizer) = (tokenizer, new(tokenizer, startsText: request.Input is GenerationInput.Chat));
        (_stops, _shown) = (new(request.Stop), request.ResumeTextLength);
        var resumed = request.ResumeFrom;
        for (var i = 0; i < resumed.Count && !_stops.Stopped; i++)
        {
            var ends = i == resumed.Count - 1 && endTokens.Contains(resumed[i]);
            Resumed += Unseen(ends ? Flush() : _stops.Push(Text(resumed[i])));
        }

        Finish = _stops.Stopped ? FinishReason.Stop : null;
    }

    /// <summary>Text of the resumed tokens that was not shown yet.</summary>
    public string Resumed { get; } = "";

    /// <summary>Tokens of this run that belong to the answer.</summary>
    public int Tokens { get; private set; }

    /// <summary>Set once the answer is at its end.</summary>
    public FinishReason? Finish { get; private set; }

    /// <summary>Takes what the engine gave and returns the text that may be shown now. Not to be called after the end.</summary>
    public string Accept(in EngineOutput output)
    {
        var text = "";
        if (output.Token is { } token)
        {
            Tokens++;
            text = output.Finish == FinishReason.Stop ? Flush() : _stops.Push(Text(token));
        }

        Finish = _stops.Stopped ? FinishReason.Stop : output.Finish;
        if (Finish is not null)
        {
            // Half a character at the end of a cut answer is not shown: the answer may yet be continued.
            text += _stops.Flush();
        }

        return Unseen(text);
    }

    // A model's table may be padded beyond the tokenizer's last id: such a token is no text.
    private string Text(int token) => token < _tokenizer.VocabularySize ? _detokenizer.Push(token) : "";

    private string Flush() => _stops.Push(_detokenizer.Flush()) + _stops.Flush();

    private string Unseen(string text)
    {
        var seen = Math.Clamp(_shown - _length, 0, text.Length);
        _length += text.Length;
        return text[seen..];
    }
}
