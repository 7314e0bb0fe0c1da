using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>The inputs of a request for vectors as the token ids that the model reads, each with the vocabulary's own beginning and end.</summary>
internal sealed class VectorPrompts(LoadedModel model, int contextLength)
{
    /// <summary>Inputs of one request at most, as OpenAI has it.</summary>
    public const int MostInputs = 2048;

    /// <exception cref="ParleyException">400: no input, too many, an id outside the vocabulary, or one longer than the context.</exception>
    public IReadOnlyList<int[]> Render(GenerationRequest request)
    {
        var inputs = request.Input is GenerationInput.Many many ? many.Inputs : [request.Input];
        if (inputs.Count is 0 or > MostInputs || inputs.Count != request.Choices)
        {
            throw ParleyException.InvalidRequest($"'input' has {inputs.Count} entries; 1 to {MostInputs} are taken.", "input", "invalid_value");
        }

        return [.. inputs.Select((input, i) => Render(input, inputs.Count == 1 ? "input" : $"input[{i}]"))];
    }

    private int[] Render(GenerationInput input, string param)
    {
        var ids = input switch
        {
            GenerationInput.Text text => model.Tokenizer.Encode(text.Value, new(AddSpecial: true)),
            GenerationInput.Tokens tokens => Checked(tokens.Ids, param),
            _ => throw ParleyException.InvalidRequest($"'{param}' must be text or token ids.", param, "invalid_type"),
        };
        return ids.Length switch
        {
            0 => throw ParleyException.InvalidRequest($"'{param}' has no token; send some text.", param, "invalid_value"),
            var length when length > contextLength => throw ParleyException.InvalidRequest(
                $"'{param}' has {length} tokens and the model's context holds {contextLength}; shorten it or send it in parts.", param, "context_length_exceeded"),
            _ => ids,
        };
    }

    private int[] Checked(IReadOnlyList<int> ids, string param)
    {
        RequestRules.CheckIds(ids, param, model);
        return [.. ids];
    }
}
