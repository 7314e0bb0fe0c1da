using System.Globalization;
using System.Text.Json;
using Parley.Gateway.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>The parameters that chat completions and completions share, read from the wire: sampling, limits, stops, streaming.</summary>
internal sealed record CallSettings
{
    private const int MostStops = 4;
    private const int MostStopTokens = 64;

    public required string Model { get; init; }

    public required SamplingParams Sampling { get; init; }

    public required int Choices { get; init; }

    public required IReadOnlyList<string> Stop { get; init; }

    public required IReadOnlyList<int> StopTokenIds { get; init; }

    public required bool Stream { get; init; }

    /// <summary>What the answers must look like; null: anything.</summary>
    public required GenerationConstraint? Constraint { get; init; }

    /// <summary>Higher goes first when requests wait.</summary>
    public required int Priority { get; init; }

    /// <summary>Send the usage as the last piece of a stream.</summary>
    public required bool IncludeUsage { get; init; }

    public static CallSettings Read(ParameterReader reader)
    {
        var stream = reader.Boolean("stream") ?? false;
        return new CallSettings
        {
            Model = reader.RequireString("model"),
            Sampling = ReadSampling(reader),
            Choices = reader.Integer("n", 1, 128) ?? 1,
            Stop = ReadStop(reader),
            StopTokenIds = ReadStopTokenIds(reader),
            Stream = stream,
            Constraint = ConstraintParameters.Read(reader),
            Priority = reader.Integer("priority", -100, 100) ?? 0,
            IncludeUsage = ReadIncludeUsage(reader, stream),
        };
    }

    /// <summary>The request for one input; a call may have several, each with an id of its own.</summary>
    public GenerationRequest ToRequest(
        Caller caller, GenerationInput input, int? maxTokens, int? topLogProbabilities, IReadOnlyDictionary<string, string> recorded) => new()
    {
        ProjectId = caller.ProjectId,
        UserId = caller.UserId,
        KeyId = caller.KeyId,
        Model = Model,
        Input = input,
        Sampling = Sampling,
        MaxOutputTokens = maxTokens,
        Choices = Choices,
        Stop = Stop,
        Constraint = Constraint,
        StopTokenIds = StopTokenIds,
        Priority = Priority,
        TopLogProbabilities = topLogProbabilities,
        Recorded = recorded,
    };

    private static SamplingParams ReadSampling(ParameterReader reader)
    {
        // The smallest top_p keeps the likeliest token alone, which is what 0 means to those who send it.
        var topP = reader.Number("top_p", 0, 1) ?? 1;
        return new SamplingParams
        {
            Temperature = reader.Number("temperature", 0, 2) ?? 1,
            TopP = topP > 0 ? topP : float.Epsilon,
            TopK = reader.Integer("top_k", 0, int.MaxValue) ?? 0,
            MinP = reader.Number("min_p", 0, 0.9999) ?? 0,
            RepetitionPenalty = reader.Number("repetition_penalty", 0.01, 100) ?? 1,
            PresencePenalty = reader.Number("presence_penalty", -2, 2) ?? 0,
            FrequencyPenalty = reader.Number("frequency_penalty", -2, 2) ?? 0,
            LogitBias = ReadBiases(reader),
            Seed = reader.Bits("seed") ?? SamplingParams.DrawSeed(),
        };
    }

    private static IReadOnlyList<string> ReadStop(ParameterReader reader)
    {
        IReadOnlyList<string> stops = reader.Take("stop") switch
        {
            null => [],
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } many => [.. many.EnumerateArray().Select((item, i) => ParameterReader.StringOf(item, $"stop[{i}]"))],
            { } other => throw ParameterReader.WrongType("stop", "a string or an array of strings", other),
        };
        if (stops.Count > MostStops || stops.Any(stop => stop.Length == 0))
        {
            throw ParleyException.InvalidRequest($"'stop' takes at most {MostStops} strings, none of them empty.", "stop", "invalid_value");
        }

        return stops;
    }

    private static IReadOnlyList<int> ReadStopTokenIds(ParameterReader reader)
    {
        if (reader.Take("stop_token_ids") is not { } array)
        {
            return [];
        }

        return array.ValueKind == JsonValueKind.Array && array.GetArrayLength() <= MostStopTokens
            ? [.. array.EnumerateArray().Select((item, i) => TokenId(item, $"stop_token_ids[{i}]"))]
            : throw ParameterReader.WrongType("stop_token_ids", $"an array of at most {MostStopTokens} token ids", array);
    }

    // OpenAI writes the ids as strings, because they are names of members.
    private static IReadOnlyList<TokenBias> ReadBiases(ParameterReader reader)
    {
        if (reader.Take("logit_bias") is not { } map)
        {
            return [];
        }

        var biases = new SortedDictionary<int, float>();
        foreach (var entry in new ParameterReader(map, "logit_bias").TakeAll())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var token))
            {
                throw ParleyException.InvalidRequest($"'logit_bias' has the key '{entry.Name}'; keys are token ids.", "logit_bias", "invalid_value");
            }

            biases[token] = entry.Value.ValueKind == JsonValueKind.Number && entry.Value.GetDouble() is >= -TokenBias.Largest and <= TokenBias.Largest and var bias
                ? (float)bias
                : throw ParleyException.InvalidRequest($"'logit_bias.{entry.Name}' must be a number from -100 to 100.", "logit_bias", "invalid_value");
        }

        return [.. biases.Select(bias => new TokenBias(bias.Key, bias.Value))];
    }

    private static int TokenId(JsonElement item, string path) =>
        item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= 0 ? id : throw ParameterReader.WrongType(path, "a token id", item);

    private static bool ReadIncludeUsage(ParameterReader reader, bool stream)
    {
        if (reader.Take("stream_options") is not { } element)
        {
            return false;
        }

        if (!stream)
        {
            throw ParleyException.InvalidRequest("'stream_options' is only for streams; set stream to true or leave it out.", "stream_options", "invalid_value");
        }

        var options = new ParameterReader(element, "stream_options");
        var include = options.Boolean("include_usage") ?? false;
        if (options.Boolean("include_obfuscation") is true)
        {
            throw ParleyException.InvalidRequest("Obfuscation is not supported; leave 'stream_options.include_obfuscation' out.", "stream_options.include_obfuscation", "unsupported_parameter");
        }

        options.RefuseLeft();
        return include;
    }
}
