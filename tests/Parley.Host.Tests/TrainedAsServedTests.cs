using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Parley.Gateway.Keys;
using Parley.Host.Endpoints.OpenAI;
using Parley.Inference;
using Parley.Testing;
using Parley.Text;
using Parley.Training.Batches;

namespace Parley.Host.Tests;

/// <summary>
/// What a line of a chat file teaches is what a request of the same messages and tools asks for, token for token: each prompt that a server would render on the way is
/// a prefix of the example, and the answer behind it, to its end token, is what is scored.
/// </summary>
public sealed class TrainedAsServedTests : IDisposable
{
    // A template of the kind that models come with: tools in the system message, calls between tags.
    private const string Hermes =
        "{% if tools %}<|im_start|>system\n{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}<|im_end|>\n{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}" +
        "{% for call in m.tool_calls or [] %}<tool_call>{{ call.function | tojson }}</tool_call>{% endfor %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static readonly string[] Words = ["the cat", "sat", " on\n", "the mat?", "<|im_end|>", "rät", "<tool_call>", "", "\n\nand the rat "];

    private readonly TemporaryFolder _folder = new();
    private readonly LoadedModel _plain = TinyModel.Create(1 << 16);
    private readonly LoadedModel _hermes;

    public TrainedAsServedTests() => _hermes = new("hermes", TinyModel.Create(1 << 16).Decoder, TinyModel.Tokenizer, ModelVocabulary.Of(TinyModel.Tokenizer) with { Template = new(Hermes) });

    public void Dispose()
    {
        _plain.Dispose();
        _hermes.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_prompt_on_the_way_is_a_prefix_of_the_example(bool hermes)
    {
        var model = hermes ? _hermes : _plain;
        var conversations = Conversations().Select(conversation => hermes ? Plain(conversation) : conversation);
        Prop.ForAll(conversations.ToArbitrary(), conversation => Holds(model, conversation, isPieceByPiece: !hermes)).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    // A model's own template is encoded as one text, as its makers do: an answer that begins with line breaks shares a token with the break that the template
    // writes before it. And by the origin of characters nobody is seen to say nothing.
    private static JsonObject Plain(JsonObject conversation)
    {
        foreach (var message in conversation["messages"]!.AsArray().Where(message => (string?)message!["role"] == "assistant"))
        {
            if ((string?)message!["content"] is not { } content) continue;
            message["content"] = content.TrimStart('\n') is { Length: > 0 } text ? text : "sat";
        }

        return conversation;
    }

    private void Holds(LoadedModel model, JsonObject conversation, bool isPieceByPiece)
    {
        var path = _folder.File("chat.jsonl");
        File.WriteAllText(path, conversation.ToJsonString());
        var chat = ChatFile.Read(path).Single().Render(model.Template!);
        Assert.Equal(chat.Tokens.Length, chat.LossMask.Length);
        var messages = conversation["messages"]!.AsArray();
        var scored = 0;
        for (var turn = 0; turn < messages.Count; turn++)
        {
            if ((string)messages[turn]!["role"]! != "assistant") continue;
            var prompt = Served(model, conversation, turn);
            Assert.Equal(prompt, chat.Tokens[..prompt.Length]);
            var end = Array.IndexOf(chat.Tokens, TinyModel.Tokenizer.Special.ImEnd, prompt.Length);
            if (isPieceByPiece) Assert.All(chat.LossMask[prompt.Length..(end + 1)], Assert.True);
            else Assert.True(chat.LossMask[end]);
            if (isPieceByPiece) Assert.DoesNotContain(true, chat.LossMask[scored..prompt.Length]);
            scored = end + 1;
        }

        Assert.DoesNotContain(true, chat.LossMask[scored..]);
    }

    private static int[] Served(LoadedModel model, JsonObject conversation, int turns)
    {
        var body = new JsonObject { ["model"] = model.Id, ["messages"] = new JsonArray([.. conversation["messages"]!.AsArray().Take(turns).Select(message => message!.DeepClone())]) };
        if (conversation["tools"] is { } tools) body["tools"] = tools.DeepClone();
        using var json = JsonDocument.Parse(body.ToJsonString(new JsonSerializerOptions { WriteIndented = true })); // a client spaces its JSON as it likes
        var request = ChatCompletionsDialect.Read(json.RootElement, Caller.Local, 0).Request;
        return new PromptRenderer(model, 1 << 16).Render(request, default).Ids;
    }

    private static Gen<JsonObject> Conversations() =>
        from tools in Gen.Elements(true, false)
        from system in Gen.Elements("system", "developer", null)
        from turns in Gen.Choose(1, 4)
        from choices in Gen.Choose(0, 1 << 20).ArrayOf(turns * 4)
        select Conversation(tools, system, choices);

    private static JsonObject Conversation(bool hasTools, string? system, int[] choices)
    {
        var messages = new JsonArray();
        if (system is not null) messages.Add(Message(system, choices[0]));
        for (var turn = 0; turn < choices.Length / 4; turn++)
        {
            var (asked, calls, said) = (choices[turn * 4], choices[(turn * 4) + 1], choices[(turn * 4) + 2]);
            messages.Add(Message("user", asked));
            if (hasTools && calls % 2 == 0)
            {
                var id = $"c{turn}";
                var call = Message("assistant", said);
                if (calls % 4 == 0) call["content"] = null;
                call["tool_calls"] = new JsonArray(Call(id, calls), Call(id + "b", said));
                messages.Add(call);
                messages.Add(Result(id, asked));
                messages.Add(Result(id + "b", said));
            }

            messages.Add(Message("assistant", choices[(turn * 4) + 3]));
        }

        var conversation = new JsonObject { ["messages"] = messages };
        if (hasTools) conversation["tools"] = new JsonArray(Tool("look"), Tool("find"));
        return conversation;
    }

    private static JsonObject Message(string role, int choice) => new() { ["role"] = role, ["content"] = Text(choice) };

    private static JsonObject Result(string id, int choice) => new() { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = Text(choice) };

    private static JsonObject Call(string id, int choice) => new()
    {
        ["id"] = id, ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = choice % 3 == 0 ? "look" : "find", ["arguments"] = new JsonObject { ["where"] = Text(choice) }.ToJsonString() },
    };

    private static JsonObject Tool(string name) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["description"] = "Schäut <there>", ["parameters"] = new JsonObject { ["type"] = "object" } },
    };

    private static string Text(int choice) => string.Concat(Enumerable.Range(0, 1 + (choice % 3)).Select(i => Words[(choice >> (3 * i)) % Words.Length]));
}
