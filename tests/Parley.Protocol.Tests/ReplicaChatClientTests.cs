using Microsoft.Extensions.AI;
using Parley.Protocol.Clients;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Testing;

namespace Parley.Protocol.Tests;

/// <summary>A replica seen through Microsoft.Extensions.AI.</summary>
public sealed class ReplicaChatClientTests
{
    [Fact]
    public async Task An_answer_its_usage_and_what_was_asked_for()
    {
        var replica = new ScriptedReplica("Hel", "lo");
        using var client = new ReplicaChatClient(replica, ScriptedReplica.ModelId);
        var answer = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, "Hi")],
            new ChatOptions { Instructions = "Be brief.", Temperature = 0.5f, TopK = 3, Seed = -1, MaxOutputTokens = 9, StopSequences = ["END"] });
        Assert.Equal(("Hello", ChatFinishReason.Stop, 7L, 2L), (answer.Text, answer.FinishReason, answer.Usage!.InputTokenCount, answer.Usage.OutputTokenCount));
        var request = Assert.Single(replica.Requests);
        Assert.Equal((0.5f, 3, ulong.MaxValue, 9), (request.Sampling.Temperature, request.Sampling.TopK, request.Sampling.Seed, request.MaxOutputTokens));
        Assert.Equal(["END"], request.Stop);
        Assert.Equal([MessageRole.System, MessageRole.User], Assert.IsType<GenerationInput.Chat>(request.Input).Messages.Select(message => message.Role));
    }

    [Fact]
    public async Task A_stream_adds_up_to_the_same_answer()
    {
        using var client = new ReplicaChatClient(new ScriptedReplica("Hel", "", "lo"), ScriptedReplica.ModelId);
        var answer = await client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Hi")]).ToChatResponseAsync();
        Assert.Equal(("Hello", ChatFinishReason.Stop, 10L), (answer.Text, answer.FinishReason, answer.Usage!.TotalTokenCount));
        Assert.Equal(ScriptedReplica.ModelId, answer.ModelId);
    }

    [Fact]
    public async Task What_cannot_be_honoured_is_refused_by_name()
    {
        using var client = new ReplicaChatClient(new ScriptedReplica("a"), ScriptedReplica.ModelId);
        var picture = new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);
        Assert.Equal("DataContent", (await Assert.ThrowsAsync<ParleyException>(() => client.GetResponseAsync([picture]))).Error.Param);
        foreach (var (options, param) in new (ChatOptions Options, string Param)[]
        {
            (new() { Tools = [new HostedWebSearchTool()] }, "tools"),
            (new() { ToolMode = ChatToolMode.RequireAny }, "tool_choice"),
            (new() { Tools = [AIFunctionFactory.Create(() => 1, "one")], ToolMode = ChatToolMode.RequireSpecific("two") }, "tool_choice"),
            (new() { Reasoning = new() { Effort = ReasoningEffort.High } }, "reasoning_effort"),
        })
        {
            Assert.Equal(param, (await Assert.ThrowsAsync<ParleyException>(() => client.GetResponseAsync([new(ChatRole.User, "x")], options))).Error.Param);
        }
    }

    [Fact]
    public async Task A_failure_and_a_cancellation_are_exceptions()
    {
        using var broken = new ReplicaChatClient(new ScriptedReplica("a") { Failure = new("It broke.", "server_error") }, ScriptedReplica.ModelId);
        Assert.Equal("It broke.", (await Assert.ThrowsAsync<ParleyException>(() => broken.GetResponseAsync([new(ChatRole.User, "x")]))).Message);
        using var gate = new SemaphoreSlim(0);
        using var slow = new ReplicaChatClient(new ScriptedReplica("a") { Gate = gate }, ScriptedReplica.ModelId);
        using var cancellation = new CancellationTokenSource();
        var call = slow.GetResponseAsync([new(ChatRole.User, "x")], cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public void It_says_what_it_is()
    {
        var replica = new ScriptedReplica();
        using var client = new ReplicaChatClient(replica, "m");
        Assert.Equal(("parley", "m"), (client.GetService<ChatClientMetadata>()!.ProviderName, client.GetService<ChatClientMetadata>()!.DefaultModelId));
        Assert.Same(replica, client.GetService<IReplica>());
        Assert.Same(client, client.GetService<ReplicaChatClient>());
    }
}
