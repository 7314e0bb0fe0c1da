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
    private List<TokenLogProbability>? _logProbabilities;

    public string Text => _text.ToString();

    public IReadOnlyList<TokenLogProbability>? LogProbabilities => _logProbabilities;

    public string? FinishReason { get; set; }

    public void Add(GenerationEvent delta)
    {
        _text.Append(delta.Text);
        if (delta.LogProbabilities is { } tokens)
        {
            (_logProbabilities ??= []).AddRange(tokens);
        }
    }
}
