using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>Puts the events of one generation together again for callers that want the answer in one piece.</summary>
internal sealed class AnswerAssembly(int choices)
{
    private readonly AssembledChoice[] _choices = [.. Enumerable.Range(0, choices).Select(_ => new AssembledChoice())];

    public IReadOnlyList<AssembledChoice> Choices => _choices;

    public Usage Usage { get; private set; } = new(0, 0);

    public string Fingerprint { get; private set; } = "";

    /// <summary>The likeliest ones per token, best first.</summary>
    public IReadOnlyList<AssembledChoice> Best(int count) =>
        count == _choices.Length ? _choices : [.. _choices.OrderByDescending(choice => choice.Likelihood).Take(count)];

    /// <exception cref="ParleyException">The generation failed.</exception>
    public void Add(GenerationEvent entry)
    {
        Usage = entry.Usage ?? Usage;
        switch (entry.Kind)
        {
            case GenerationEventKind.Started:
                Fingerprint = Wire.Fingerprint(entry.ModelVersion);
                break;
            case GenerationEventKind.Delta:
                _choices[entry.Choice].Add(entry);
                break;
            case GenerationEventKind.Finished:
                _choices[entry.Choice].FinishReason = Wire.Name(entry.FinishReason);
                break;
            case GenerationEventKind.Failed:
                throw Wire.Failure(entry);
        }
    }
}

/// <summary>One of the wanted answers.</summary>
internal sealed class AssembledChoice
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<(ToolCallDelta Head, StringBuilder Arguments)> _calls = [];
    private List<TokenLogProbability>? _logProbabilities;
    private double _sum;
    private int _counted;

    public string Text => _text.ToString();

    public string Reasoning => _reasoning.ToString();

    public IReadOnlyList<ToolCall> Calls => [.. _calls.Select(call => new ToolCall(call.Head.Id!, call.Head.Name!, call.Arguments.ToString()))];

    public IReadOnlyList<TokenLogProbability>? LogProbabilities => _logProbabilities;

    /// <summary>Mean log-probability of a token, where they were asked for; an empty answer has the least.</summary>
    public double Likelihood => _counted > 0 ? _sum / _counted : double.NegativeInfinity;

    public string? FinishReason { get; set; }

    public void Add(GenerationEvent delta)
    {
        _text.Append(delta.Text);
        _reasoning.Append(delta.Reasoning);
        foreach (var piece in delta.ToolCalls ?? [])
        {
            if (piece.Id is not null)
            {
                _calls.Add((piece, new StringBuilder()));
            }

            _calls[^1].Arguments.Append(piece.Arguments);
        }

        if (delta.LogProbabilities is { } tokens)
        {
            (_logProbabilities ??= []).AddRange(tokens);
            if (delta.TokenIds.Count > 0) // not an echo of the prompt
            {
                (_sum, _counted) = (_sum + tokens.Sum(token => (double)token.LogProbability), _counted + tokens.Count);
            }
        }
    }
}
