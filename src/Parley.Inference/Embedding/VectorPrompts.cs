using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>The inputs of a request for vectors as the token ids that the model reads, each with the vocabulary's own beginning and end.</summary>
internal sealed class VectorPrompts(LoadedModel model, int contextLength)
{
    /// <summary>Inputs of one request at most, as OpenAI has it.</summary>
    public const int MostInputs = 2048;

    /// <exception cref="ParleyException">400: no input, too many, an id outside the vocabulary, or one longer than the context.</exception>
    public IReadOnlyList<VectorPrompt> Render(GenerationRequest request)
    {
        var inputs = request.Input is GenerationInput.Many many ? many.Inputs : [request.Input];
        var name = inputs is [GenerationInput.Pair, ..] ? "documents" : "input";
        if (inputs.Count is 0 or > MostInputs || inputs.Count != request.Choices)
        {
            throw ParleyException.InvalidRequest($"'{name}' has {inputs.Count} entries; 1 to {MostInputs} are taken.", name, "invalid_value");
        }

        return [.. inputs.Select((input, i) => Render(input, inputs.Count == 1 && name == "input" ? name : $"{name}[{i}]"))];
    }

    private VectorPrompt Render(GenerationInput input, string param)
    {
        var prompt = input switch
        {
            GenerationInput.Text text => new(model.Tokenizer.Encode(text.Value, new(AddSpecial: true))),
            GenerationInput.Tokens tokens => new(Checked(tokens.Ids, param)),
            GenerationInput.Pair pair => Render(pair),
            _ => throw ParleyException.InvalidRequest($"'{param}' must be text or token ids.", param, "invalid_type"),
        };
        return prompt.Ids.Length switch
        {
            0 => throw ParleyException.InvalidRequest($"'{param}' has no token; send some text.", param, "invalid_value"),
            var length when length > Room(input) => throw ParleyException.InvalidRequest(
                $"'{param}' has {length} tokens and the model's context holds {Room(input)}; shorten it or send it in parts.", param, "context_length_exceeded"),
            _ => prompt,
        };
    }

    // A decoder that judges a pair has room for one more, as for an answer.
    private int Room(GenerationInput input) => input is GenerationInput.Pair && model.Config.Classes == 0 ? contextLength - 1 : contextLength;

    private VectorPrompt Render(GenerationInput.Pair pair)
    {
        var tokenizer = model.Tokenizer;
        if (model.Config.Classes == 0)
        {
            // A decoder is asked how likely the question is after the passage (arXiv:2204.07496).
            int[] passage = [.. tokenizer.Prefix, .. tokenizer.Encode($"Passage: {pair.Second}\nQuestion:")];
            return pair.First.Length > 0
                ? new([.. passage, .. tokenizer.Encode(" " + pair.First)], passage.Length)
                : throw ParleyException.InvalidRequest("'query' is empty; send some text.", "query", "invalid_value");
        }

        // As bert was trained: [CLS] first [SEP] second [SEP], the second of type 1 where there are two types.
        int[] first = [.. tokenizer.Prefix, .. tokenizer.Encode(pair.First), .. tokenizer.Suffix];
        return new([.. first, .. tokenizer.Encode(pair.Second), .. tokenizer.Suffix], model.Config.TokenTypes > 1 ? first.Length : 0);
    }

    private int[] Checked(IReadOnlyList<int> ids, string param)
    {
        RequestRules.CheckIds(ids, param, model);
        return [.. ids];
    }
}

/// <summary>One input: its ids, and where the second part begins where it matters; 0 where not.</summary>
internal readonly record struct VectorPrompt(int[] Ids, int SecondFrom = 0);
