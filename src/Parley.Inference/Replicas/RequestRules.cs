using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>What a request must satisfy before it reaches an engine. Each refusal is a 400 that names the parameter and its range.</summary>
internal static class RequestRules
{
    /// <summary>Answers of one request at most.</summary>
    public const int MostChoices = 128;

    /// <exception cref="ParleyException">A parameter is out of range or not supported here.</exception>
    public static void Check(GenerationRequest request, LoadedModel model)
    {
        CheckPriority(request);
        Require(model.Config.Causal, "model", $"The model '{model.Id}' is an encoder: it reads texts but writes none; use /v1/embeddings or /v1/rerank.");
        Require(request.Choices is >= 1 and <= MostChoices, "n", $"n is {request.Choices}; it must lie between 1 and {MostChoices}.");
        Require(request.MaxOutputTokens is null or >= 0, "max_tokens", $"max_tokens is {request.MaxOutputTokens}; it cannot be negative.");
        Require(request.Stop.All(stop => stop.Length > 0), "stop", "A stop string is empty; leave it out.");
        Require(request.TopLogProbabilities is null or >= 0, "top_logprobs", "top_logprobs cannot be negative.");
        Require(request.ResumeFrom.Count == 0 || request.Choices == 1, "n", "An answer is continued alone; ask for one choice when resuming.");
        CheckIds(request.StopTokenIds, "stop_token_ids", model, model.Config.VocabularySize);
        CheckIds(request.ResumeFrom, "resume_from", model, model.Config.VocabularySize);
        CheckSampling(request.Sampling);
        CheckIds([.. request.Sampling.LogitBias.Select(bias => bias.Token)], "logit_bias", model, model.Config.VocabularySize);
        CheckKind(request, model);
    }

    /// <summary>What holds of requests for answers and for vectors alike.</summary>
    /// <exception cref="ParleyException">It is out of range.</exception>
    public static void CheckPriority(GenerationRequest request) => Require(
        Math.Abs((long)request.Priority) <= EngineRequest.HighestPriority,
        "priority",
        $"priority is {request.Priority}; it must lie between -{EngineRequest.HighestPriority} and {EngineRequest.HighestPriority}.");

    /// <summary>Prompt ids must be the tokenizer's; what the model itself sampled may be a padding row of its table, which has no text.</summary>
    /// <exception cref="ParleyException">An id is not in the vocabulary.</exception>
    public static void CheckIds(IReadOnlyList<int> ids, string param, LoadedModel model, int? size = null)
    {
        var end = size ?? model.Tokenizer.VocabularySize;
        foreach (var id in ids)
        {
            Require((uint)id < (uint)end, param, $"{param} has the token id {id}; the vocabulary of '{model.Id}' has ids 0 to {end - 1}.");
        }
    }

    private static void CheckKind(GenerationRequest request, LoadedModel model)
    {
        var isChat = request.Input is GenerationInput.Chat;
        Require(!isChat || !request.EchoPrompt, "echo", "A conversation is not echoed; leave echo out.");
        Require(!request.EchoPrompt || request.ResumeFrom.Count == 0, "echo", "A resumed answer does not begin with its prompt again; leave echo out.");
        Require(
            model.EndTokens.Count + request.StopTokenIds.Count > 0 || !AnswerGrammar.IsNeeded(request),
            request.Constraint?.Parameter ?? "tool_choice",
            $"The model '{model.Id}' has no token that ends an answer, so it cannot be held to a form or to calls; give stop_token_ids.");
        Require(isChat || request.Tools is null, "tools", "Tools are for conversations; send messages.");
    }

    private static void CheckSampling(SamplingParams sampling)
    {
        RequireRange(sampling.Temperature, 0, 2, "temperature");
        Require(sampling.TopK >= 0, "top_k", $"top_k is {sampling.TopK}; it cannot be negative, and 0 keeps all tokens.");
        Require(sampling.TopP is > 0 and <= 1, "top_p", $"top_p is {sampling.TopP}; it must lie above 0 and at most at 1.");
        Require(sampling.MinP is >= 0 and < 1, "min_p", $"min_p is {sampling.MinP}; it must be at least 0 and below 1.");
        Require(
            sampling.RepetitionPenalty is > 0 and <= 100,
            "repetition_penalty",
            $"repetition_penalty is {sampling.RepetitionPenalty}; it must lie above 0 and at most at 100.");
        RequireRange(sampling.PresencePenalty, -2, 2, "presence_penalty");
        RequireRange(sampling.FrequencyPenalty, -2, 2, "frequency_penalty");
        foreach (var bias in sampling.LogitBias)
        {
            RequireRange(bias.Bias, -TokenBias.Largest, TokenBias.Largest, "logit_bias");
        }
    }

    private static void RequireRange(float value, float least, float most, string param) =>
        Require(value >= least && value <= most, param, $"{param} is {value}; it must lie between {least} and {most}.");

    private static void Require(bool holds, string param, string sentence)
    {
        if (!holds)
        {
            throw ParleyException.InvalidRequest(sentence, param);
        }
    }
}
