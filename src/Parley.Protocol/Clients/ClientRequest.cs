using System.Text.Json;
using Microsoft.Extensions.AI;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Protocol.Clients;

/// <summary>What a caller of <see cref="IChatClient"/> asks for, as a request to a replica.</summary>
internal static class ClientRequest
{
    private const string Format = "response_format";

    /// <exception cref="ParleyException">400: it asks for what cannot be honoured; names it.</exception>
    public static GenerationRequest Of(IEnumerable<ChatMessage> messages, ChatOptions? options, string defaultModel)
    {
        var input = messages.SelectMany(ClientMessages.Read);
        if (options?.Instructions is { Length: > 0 } instructions)
        {
            input = input.Prepend(new Message(MessageRole.System, instructions));
        }

        return new GenerationRequest
        {
            Model = options?.ModelId ?? defaultModel,
            Input = new GenerationInput.Chat([.. input]),
            Sampling = new SamplingParams
            {
                Temperature = options?.Temperature ?? 1,
                TopP = options?.TopP ?? 1,
                TopK = options?.TopK ?? 0,
                FrequencyPenalty = options?.FrequencyPenalty ?? 0,
                PresencePenalty = options?.PresencePenalty ?? 0,
                Seed = options?.Seed is { } seed ? unchecked((ulong)seed) : SamplingParams.DrawSeed(),
            },
            MaxOutputTokens = options?.MaxOutputTokens,
            Stop = [.. options?.StopSequences ?? []],
            Constraint = Constraint(options?.ResponseFormat),
            Tools = Tools(options),
            TemplateVariables = Variables(options?.Reasoning),
        };
    }

    private static GenerationConstraint? Constraint(ChatResponseFormat? format) => format switch
    {
        null or ChatResponseFormatText => null,
        ChatResponseFormatJson { Schema: { } schema } => new GenerationConstraint.JsonSchema(schema.GetRawText(), Format),
        ChatResponseFormatJson => new GenerationConstraint.JsonObject(Format),
        _ => throw Refusal(Format, $"The response format {format.GetType().Name} is not supported; use text or JSON."),
    };

    private static ToolSettings? Tools(ChatOptions? options)
    {
        if (options?.Tools is not { Count: > 0 } tools)
        {
            return options?.ToolMode is RequiredChatToolMode ? throw Refusal("tool_choice", "A call is required, but there are no tools.") : null;
        }

        Tool[] declared = [.. tools.Select(Declare)];
        var forced = (options.ToolMode as RequiredChatToolMode)?.RequiredFunctionName;
        return forced is not null && declared.All(tool => tool.Name != forced)
            ? throw Refusal("tool_choice", $"A call of '{forced}' is required, which is none of the tools.")
            : new ToolSettings(declared)
            {
                Choice = options.ToolMode switch
                {
                    RequiredChatToolMode => ToolChoice.Required,
                    NoneChatToolMode => ToolChoice.None,
                    _ => ToolChoice.Auto,
                },
                ForcedName = forced,
                Parallel = options.AllowMultipleToolCalls ?? true,
            };
    }

    private static Tool Declare(AITool tool)
    {
        if (tool is not AIFunctionDeclaration function)
        {
            throw Refusal("tools", $"The tool '{tool.Name}' is a {tool.GetType().Name}; only functions are supported.");
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", function.Name);
            if (function.Description.Length > 0)
            {
                json.WriteString("description", function.Description);
            }

            json.WritePropertyName("parameters");
            function.JsonSchema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        using var declaration = JsonDocument.Parse(buffer.ToArray());
        return new Tool(function.Name, declaration.RootElement.Clone(), function.JsonSchema.Clone(), IsStrict(function));
    }

    // The name under which OpenAI's own adapter finds it.
    private static bool IsStrict(AITool tool) => tool.AdditionalProperties.TryGetValue("strict", out var strict) && strict is true;

    // Templates know two ways to think: as they are, and not at all.
    private static Dictionary<string, JsonElement> Variables(ReasoningOptions? reasoning)
    {
        switch (reasoning?.Effort)
        {
            case null:
                return new(StringComparer.Ordinal);
            case ReasoningEffort.None:
                using (var no = JsonDocument.Parse("false"))
                {
                    return new(StringComparer.Ordinal) { ["enable_thinking"] = no.RootElement.Clone() };
                }

            default:
                throw Refusal("reasoning_effort", $"The reasoning effort {reasoning.Effort} is not supported; use None or leave it out.");
        }
    }

    private static ParleyException Refusal(string param, string sentence) => ParleyException.InvalidRequest(sentence, param, "unsupported_parameter");
}
