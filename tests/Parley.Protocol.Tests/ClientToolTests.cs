using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Parley.Protocol.Clients;
using Parley.Protocol.Generation;

namespace Parley.Protocol.Tests;

/// <summary>Tools, forms and thoughts through <see cref="IChatClient"/>, up to a loop that calls what the model asks for.</summary>
public sealed class ClientToolTests
{
    private static readonly AIFunction Add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds.");

    [Fact]
    public async Task What_is_asked_for_reaches_the_replica()
    {
        var replica = new Turns([[Piece(text: "ok")]]);
        using var client = new ReplicaChatClient(replica, "m");
        using var schema = JsonDocument.Parse("""{"type":"object"}""");
        await client.GetResponseAsync("hi", new()
        {
            Tools = [Add],
            ToolMode = ChatToolMode.RequireSpecific("add"),
            AllowMultipleToolCalls = false,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement.Clone()),
            Reasoning = new() { Effort = ReasoningEffort.None },
        });
        var request = Assert.Single(replica.Requests);
        Assert.Equal((ToolChoice.Required, "add", false), (request.Tools!.Choice, request.Tools.ForcedName, request.Tools.Parallel));
        var tool = Assert.Single(request.Tools.Tools);
        Assert.Equal(("add", false, "function"), (tool.Name, tool.Strict, tool.Declaration.GetProperty("type").GetString()));
        Assert.Equal("Adds.", tool.Declaration.GetProperty("function").GetProperty("description").GetString());
        Assert.Equal("integer", tool.Parameters!.Value.GetProperty("properties").GetProperty("a").GetProperty("type").GetString());
        Assert.Equal("""{"type":"object"}""", Assert.IsType<GenerationConstraint.JsonSchema>(request.Constraint).Schema);
        Assert.Equal(JsonValueKind.False, request.TemplateVariables["enable_thinking"].ValueKind);
        await client.GetResponseAsync("hi", new() { Tools = [Add, Strict()], ToolMode = ChatToolMode.None, ResponseFormat = ChatResponseFormat.Json });
        Assert.Equal((ToolChoice.None, true), (replica.Requests[1].Tools!.Choice, replica.Requests[1].Tools!.Tools[1].Strict));
        Assert.IsType<GenerationConstraint.JsonObject>(replica.Requests[1].Constraint);
    }

    [Fact]
    public async Task Calls_come_whole_and_thoughts_apart()
    {
        var replica = new Turns([
        [
            Piece(reasoning: "Let me "), Piece(reasoning: "add."), Piece(text: "So: "), Call(0, "c1", "add"), Call(0, null, null, "{\"a\":"), Call(0, null, null, "1,\"b\":2}"),
            Call(1, "c2", "add"), Call(1, null, null, "{\"a\":"),
        ]]);
        using var client = new ReplicaChatClient(replica, "m");
        var updates = await client.GetStreamingResponseAsync("hi", new() { Tools = [Add] }).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["Let me ", "add."], updates.SelectMany(update => update.Contents).OfType<TextReasoningContent>().Select(content => content.Text));
        var calls = updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().ToArray();
        Assert.Equal(["c1", "c2"], calls.Select(call => call.CallId));
        Assert.Equal(1, ((JsonElement)calls[0].Arguments!["a"]!).GetInt32());
        Assert.Null(calls[0].Exception);
        Assert.NotNull(calls[1].Exception); // cut in its arguments
        var answer = updates.ToChatResponse();
        Assert.Equal(("So: ", ChatFinishReason.ToolCalls, 3L), (answer.Text, answer.FinishReason, answer.Usage!.ReasoningTokenCount));
        var quiet = await client.GetResponseAsync("hi", new() { Reasoning = new() { Output = ReasoningOutput.None } });
        Assert.Empty(quiet.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_loop_calls_what_the_model_asks_for(bool isStreamed)
    {
        var replica = new Turns([
            [Piece(reasoning: "Hm."), Call(0, "c1", "add"), Call(0, null, null, "{\"a\":1,\"b\":2}"), Call(1, "c2", "add"), Call(1, null, null, "{\"a\":30,\"b\":4}")],
            [Piece(text: "3 and 34.")]]);
        using var client = new CallingClient(new ReplicaChatClient(replica, "m"));
        var answer = isStreamed
            ? await client.GetStreamingResponseAsync("hi", new() { Tools = [Add] }).ToChatResponseAsync(TestContext.Current.CancellationToken)
            : await client.GetResponseAsync("hi", new() { Tools = [Add] }, TestContext.Current.CancellationToken);
        Assert.Equal("3 and 34.", answer.Messages[^1].Text);
        var messages = Assert.IsType<GenerationInput.Chat>(replica.Requests[1].Input).Messages;
        Assert.Equal([MessageRole.User, MessageRole.Assistant, MessageRole.Tool, MessageRole.Tool], messages.Select(message => message.Role));
        Assert.Equal(("Hm.", "{\"a\":1,\"b\":2}"), (messages[1].Reasoning, messages[1].ToolCalls[0].Arguments));
        Assert.Equal([("c1", "3"), ("c2", "34")], messages.Skip(2).Select(message => (message.ToolCallId!, message.PlainText)));
    }

    [Fact]
    public async Task Results_of_any_kind_are_text()
    {
        var replica = new Turns([[Piece(text: "ok")]]);
        using var client = new ReplicaChatClient(replica, "m");
        using var json = JsonDocument.Parse("""["a"]""");
        object?[] results = ["plain", null, 1.5, json.RootElement.Clone(), json.RootElement[0].Clone(), new Dictionary<string, object?> { ["k"] = true }];
        await client.GetResponseAsync([new(ChatRole.User, "x"), new(ChatRole.Tool, [.. results.Select((result, i) => new FunctionResultContent($"c{i}", result))])]);
        var messages = Assert.IsType<GenerationInput.Chat>(replica.Requests[0].Input).Messages;
        Assert.Equal(["plain", "", "1.5", "[\"a\"]", "a", "{\"k\":true}"], messages.Skip(1).Select(message => message.PlainText));
    }

    private static AIFunctionDeclaration Strict() => AIFunctionFactory.Create(
        (int a) => a, new AIFunctionFactoryOptions { Name = "strict", AdditionalProperties = new Dictionary<string, object?> { ["strict"] = true } });

    private static GenerationEvent Piece(string text = "", string? reasoning = null) =>
        new() { Generation = default, Sequence = 0, Kind = GenerationEventKind.Delta, Text = text, Reasoning = reasoning };

    private static GenerationEvent Call(int index, string? id, string? name, string arguments = "") => Piece() with { ToolCalls = [new(index, id, name, arguments)] };

    /// <summary>A fake upstream with an answer for each turn; after the last the last again.</summary>
    private sealed class Turns(GenerationEvent[][] turns) : IReplica
    {
        public List<GenerationRequest> Requests { get; } = [];

        public IReadOnlyList<ModelDescription> Models { get; } = [new("m", "v", 1024, 1, 0)];

        public async IAsyncEnumerable<GenerationEvent> Generate(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            var turn = turns[Math.Min(Requests.Count, turns.Length - 1)];
            Requests.Add(request);
            var end = turn.Any(entry => entry.ToolCalls is not null) ? FinishReason.ToolCalls : FinishReason.Stop;
            GenerationEvent[] events =
            [
                Piece() with { Kind = GenerationEventKind.Started }, .. turn, Piece() with { Kind = GenerationEventKind.Finished, FinishReason = end },
                Piece() with { Kind = GenerationEventKind.Completed, Usage = new(5, 9, ReasoningTokens: 3) },
            ];
            for (var i = 0; i < events.Length; i++)
            {
                yield return events[i] with { Generation = request.Id, Sequence = i + 1 };
            }
        }
    }

    /// <summary>The loop of Microsoft.Extensions.AI's FunctionInvokingChatClient, as short as can be.</summary>
    private sealed class CallingClient(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            List<ChatMessage> all = [.. messages];
            while (true)
            {
                var answer = await base.GetResponseAsync(all, options, cancellationToken);
                all.AddRange(answer.Messages);
                if (await ResultsAsync(answer, options!, cancellationToken) is not { Count: > 0 } results)
                {
                    return answer;
                }

                all.Add(new(ChatRole.Tool, results));
            }
        }

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            List<ChatMessage> all = [.. messages];
            while (true)
            {
                var updates = new List<ChatResponseUpdate>();
                await foreach (var update in base.GetStreamingResponseAsync(all, options, cancellationToken))
                {
                    updates.Add(update);
                    yield return update;
                }

                var answer = updates.ToChatResponse();
                all.AddRange(answer.Messages);
                if (await ResultsAsync(answer, options!, cancellationToken) is not { Count: > 0 } results)
                {
                    yield break;
                }

                all.Add(new(ChatRole.Tool, results));
            }
        }

        private static async Task<List<AIContent>> ResultsAsync(ChatResponse answer, ChatOptions options, CancellationToken cancellationToken)
        {
            var results = new List<AIContent>();
            foreach (var call in answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>())
            {
                var function = options.Tools!.OfType<AIFunction>().Single(tool => tool.Name == call.Name);
                results.Add(new FunctionResultContent(call.CallId, await function.InvokeAsync(new(call.Arguments), cancellationToken)));
            }

            return results;
        }
    }
}
