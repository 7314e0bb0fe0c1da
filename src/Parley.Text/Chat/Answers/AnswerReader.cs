namespace Parley.Text;

/// <summary>
/// An answer as it comes, taken apart: thoughts, words, calls. Control tokens are told by name and never become words. One instance per
/// stream.
/// </summary>
public sealed class AnswerReader
{
    private readonly ReasoningSplitter? _reasoning;
    private readonly CallReader? _calls;

    /// <param name="format">The model's.</param>
    /// <param name="isThinking">The prompt opened the thoughts.</param>
    /// <param name="declared">Names of the functions that may be called; null: calls are words.</param>
    /// <param name="certainty">Whether what begins as a call may still be words.</param>
    /// <param name="isCalling">The prompt opened a call.</param>
    public AnswerReader(
        AnswerFormat format,
        bool isThinking = false,
        IReadOnlySet<string>? declared = null,
        CallCertainty certainty = CallCertainty.Open,
        bool isCalling = false)
    {
        _reasoning = format.HasReasoning && !isCalling ? new(isThinking) : null;
        _calls = declared is null ? null : new(format.Calls, declared, certainty, isCalling);
    }

    /// <summary>What comes next is thought, as far as one can tell.</summary>
    public bool IsThinking => _reasoning is { IsThinking: true };

    /// <summary>The answer ended in a call of which nothing is shown.</summary>
    public bool IsCut => _calls is { IsCut: true };

    /// <summary>How many characters wait for what comes next.</summary>
    public int Held => (_reasoning?.Held ?? 0) + (_calls?.Held ?? 0);

    /// <summary>Takes text and returns what is settled by it.</summary>
    public AnswerDelta Push(string text)
    {
        var delta = new AnswerDelta();
        PushWords(_reasoning is null ? text : _reasoning.Push(text, delta), delta);
        return delta;
    }

    /// <summary>Takes a control token by its name: a mark of thoughts or calls, or nothing.</summary>
    public AnswerDelta PushControl(string name)
    {
        var delta = new AnswerDelta();
        if (_reasoning is { } reasoning && reasoning.Wants(name))
        {
            PushWords(reasoning.Push(name, delta), delta);
        }
        else if (_calls is { } calls && calls.Wants(name))
        {
            calls.PushMark(name, delta);
        }

        return delta;
    }

    /// <summary>The answer is over.</summary>
    public AnswerDelta Flush()
    {
        var delta = new AnswerDelta();
        PushWords(_reasoning?.Flush(delta) ?? "", delta);
        _calls?.Flush(delta);
        return delta;
    }

    private void PushWords(string words, AnswerDelta delta)
    {
        if (_calls is null)
        {
            delta.AddContent(words);
        }
        else
        {
            _calls.Push(words, delta);
        }
    }
}
