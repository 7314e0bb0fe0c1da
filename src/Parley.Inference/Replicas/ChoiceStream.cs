using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// One choice on its way from tokens to what may be shown: whole characters only, thoughts and calls apart, nothing of a stop string, nothing that an
/// earlier run already showed. Stop strings are looked for in the words alone. It counts the tokens up to the one that ended the answer. It knows no engine.
/// </summary>
internal sealed class ChoiceStream
{
    private readonly Tokenizer _tokenizer;
    private readonly StreamingDetokenizer _detokenizer;
    private readonly AnswerReader _reader;
    private readonly StopMatcher _stops;
    private readonly TokenTrail _trail = new();
    private readonly int _shown;
    private readonly int _shownThoughts;
    private readonly bool _oneCall;
    private int _length;
    private int _thoughts;
    private long _read; // characters given to the reader
    private long _said; // of these, words
    private long _passed; // of these, past the stop strings
    private int _begun; // calls whose name is known
    private int _called; // of these, whole

    /// <param name="tokenizer">Gives each token's bytes.</param>
    /// <param name="request">Its stop strings, resumed tokens and the length of the text they showed.</param>
    /// <param name="endTokens">Ids that end an answer and are no text.</param>
    /// <param name="reader">Takes the answer apart; null: it is all words.</param>
    public ChoiceStream(Tokenizer tokenizer, GenerationRequest request, IReadOnlyList<int> endTokens, AnswerReader? reader = null)
    {
        (_tokenizer, _detokenizer) = (tokenizer, new(tokenizer, startsText: request.Input is GenerationInput.Chat));
        (_shown, _shownThoughts) = (request.ResumeTextLength, request.ResumeReasoningLength);
        (_stops, _oneCall) = (new(request.Stop), request.Tools is { Parallel: false });
        _reader = reader ?? new(new AnswerFormat(HasReasoning: false, CallFormat.Json));
        var resumed = request.ResumeFrom;
        for (var i = 0; i < resumed.Count && !_stops.Stopped; i++)
        {
            var ends = i == resumed.Count - 1 && endTokens.Contains(resumed[i]);
            Resumed += ends ? Resume(End()) + Resume(_reader.Flush()) + Unseen(Release()) : Resume(Read(resumed[i]));
        }

        (ResumedCalls, Finish) = (_begun, FinishOf(default));
    }

    /// <summary>Text of the resumed tokens that was not shown yet.</summary>
    public string Resumed { get; } = "";

    /// <summary>Thoughts of the resumed tokens that were not shown yet.</summary>
    public string ResumedReasoning { get; private set; } = "";

    /// <summary>Calls that the resumed tokens begin: earlier runs have told their names.</summary>
    public int ResumedCalls { get; }

    /// <summary>Tokens of this run that belong to the answer.</summary>
    public int Tokens { get; private set; }

    /// <summary>How many of them were thought.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>Set once the answer is at its end.</summary>
    public FinishReason? Finish { get; private set; }

    /// <summary>Takes what the engine gave and returns what may be shown now. Not to be called after the end.</summary>
    /// <param name="entry">The token's log-probability, when it is to be told.</param>
    public ChoiceDelta Accept(in EngineOutput output, TokenLogProbability? entry = null)
    {
        var thinking = _reader.IsThinking;
        var delta = output switch
        {
            { Token: null } => _reader.Push(""),
            { Finish: FinishReason.Stop } => End(),
            { Token: { } token } => Read(token, entry),
        };
        Tokens += output.Token is null ? 0 : 1;
        ReasoningTokens += output.Token is not null && (thinking || _reader.IsThinking) ? 1 : 0;
        var shown = Show(delta);
        Finish = FinishOf(output);
        if (Finish is null)
        {
            return shown;
        }

        if (!_stops.Stopped)
        {
            // Half a character at the end of a cut answer is not shown: the answer may yet be continued.
            shown = Join(shown, Show(_reader.Flush(), isLast: true));
            Finish = FinishOf(output);
        }

        return shown;
    }

    // A model's table may be padded beyond the tokenizer's last id: such a token is no text.
    private AnswerDelta Read(int token, TokenLogProbability? entry = null)
    {
        if (token >= _tokenizer.VocabularySize || _tokenizer.Special.TextOf(token) is not { } name)
        {
            var text = token < _tokenizer.VocabularySize ? _detokenizer.Push(token) : "";
            _read += text.Length;
            if (entry is not null)
            {
                _trail.Add(entry, _read, text.Length > 0);
            }

            return _reader.Push(text);
        }

        return _reader.PushControl(name);
    }

    private AnswerDelta End()
    {
        var rest = _detokenizer.Flush();
        _read += rest.Length;
        return _reader.Push(rest);
    }

    private ChoiceDelta Show(AnswerDelta delta, bool isLast = false)
    {
        var text = Pass(delta) + (isLast ? Release() : "");
        var calls = Count(delta.Calls);
        var settled = _read - _reader.Held - (_said - _passed);
        return new(Unseen(text))
        {
            Reasoning = UnseenThoughts(delta.Reasoning),
            Calls = calls,
            LogProbabilities = isLast && !_stops.Stopped
                ? _trail.ReleaseAll(text.Length > 0 || (!_reader.IsThinking && !_reader.IsCut && _begun == 0))
                : _trail.Release(settled, text.Length > 0),
        };
    }

    // Where one call is all that is wanted, nothing of a second one is shown.
    private IReadOnlyList<CallPiece> Count(IReadOnlyList<CallPiece> pieces)
    {
        var taken = 0;
        for (; taken < pieces.Count && !(_oneCall && _called > 0); taken++)
        {
            _begun += pieces[taken].Name is null ? 0 : 1;
            _called += pieces[taken].IsLast ? 1 : 0;
        }

        return taken == pieces.Count ? pieces : [.. pieces.Take(taken)];
    }

    private string Resume(AnswerDelta delta)
    {
        Count(delta.Calls);
        ResumedReasoning += UnseenThoughts(delta.Reasoning);
        return Unseen(Pass(delta));
    }

    private string Pass(AnswerDelta delta)
    {
        var text = _stops.Push(delta.Content);
        (_said, _passed) = (_said + delta.Content.Length, _passed + text.Length);
        return text;
    }

    private string Release()
    {
        var rest = _stops.Flush();
        _passed += rest.Length;
        return rest;
    }

    private FinishReason? FinishOf(in EngineOutput output) =>
        _stops.Stopped ? FinishReason.Stop
        : _called > 0 && (_oneCall || output.Finish == FinishReason.Stop) ? FinishReason.ToolCalls
        : output.Finish;

    private static ChoiceDelta Join(in ChoiceDelta first, in ChoiceDelta second) => new(first.Text + second.Text)
    {
        Reasoning = first.Reasoning + second.Reasoning,
        Calls = [.. first.Calls, .. second.Calls],
        LogProbabilities = first.LogProbabilities is null ? second.LogProbabilities : [.. first.LogProbabilities, .. second.LogProbabilities ?? []],
    };

    private string UnseenThoughts(string text)
    {
        var seen = Math.Clamp(_shownThoughts - _thoughts, 0, text.Length);
        _thoughts += text.Length;
        return text[seen..];
    }

    private string Unseen(string text)
    {
        var seen = Math.Clamp(_shown - _length, 0, text.Length);
        _length += text.Length;
        return text[seen..];
    }
}
