using Parley.Protocol.Generation;
using Parley.Text;
using Parley.Training.Batches;

namespace Parley.Training.Tests;

/// <summary>OpenAI's fine-tuning format, line by line: what is read, what is scored, and how each mistake is named.</summary>
public sealed class ChatFileTests : IDisposable
{
    private const string Weather = """{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}""";
    private const string Call = """{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Ulm\"}"}}""";
    private const string Ask = """{"role": "user", "content": "the cat?"}""";

    private readonly TinyCorpus _corpus = new();
    private int _files;

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void Every_turn_of_the_assistant_is_scored_with_its_end_and_its_calls_and_nothing_else()
    {
        var example = Read($$"""
            {"messages": [{"role": "developer", "content": "be a dog"}, {"role": "user", "content": [{"type": "text", "text": "how is "}, {"type": "text", "text": "Ulm?"}], "name": "ann"},
             {"role": "assistant", "content": null, "tool_calls": [{{Call}}]}, {"role": "tool", "tool_call_id": "c1", "content": "rain"},
             {"role": "assistant", "content": "it rains"}, {"role": "user", "content": "now?"}, {"role": "assistant", "content": "still"}],
             "tools": [{{Weather}}], "parallel_tool_calls": false, "id": "mine"}
            """.ReplaceLineEndings(" "));
        Assert.Equal(
            [MessageRole.System, MessageRole.User, MessageRole.Assistant, MessageRole.Tool, MessageRole.Assistant, MessageRole.User, MessageRole.Assistant],
            example.Messages.Select(message => message.Role));
        Assert.Equal("how is Ulm?", example.Messages[1].PlainText);
        Assert.Equal(
            """{"name": "weather", "arguments": {"city": "Ulm"}}<|im_end|>it rains<|im_end|>still<|im_end|>""",
            Scored(example));
    }

    [Fact]
    public void An_answer_of_weight_0_is_context()
    {
        var example = Read($$"""{"messages": [{{Ask}}, {"role": "assistant", "content": "meow", "weight": 0}, {{Ask}}, {"role": "assistant", "content": "runs", "weight": 1}]}""");
        Assert.Equal("runs<|im_end|>", Scored(example));
        var weighed = example with { Weights = [true, true] };
        Assert.Equal(Render(weighed).Tokens, Render(example).Tokens);
        Assert.Equal("meow<|im_end|>runs<|im_end|>", Scored(weighed));
    }

    [Theory]
    [InlineData("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}", "runs<|im_end|>")]
    [InlineData("{% for m in messages %}<|im_start|>{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}",
        "runs<|im_end|>")]
    public void Weights_hold_for_templates_of_models_files_too(string jinja, string expected)
    {
        var template = ChatTemplate.Parse(new ChatTemplateSource(jinja), _corpus.Tokenizer);
        var example = Read($$"""{"messages": [{{Ask}}, {"role": "assistant", "content": "meow", "weight": 0}, {{Ask}}, {"role": "assistant", "content": "runs"}]}""");
        Assert.Equal(expected, Scored(example, template));
        Assert.Equal("meow<|im_end|>" + expected, Scored(example with { Weights = [true, true] }, template));
    }

    [Theory]
    [InlineData("""{"messages": [{ASK}, {"role": "assistant", "content": "x", "weight": 0}]}""", "loss mask is all zero")]
    [InlineData("""{"messages": [{ASK}, {"role": "assistant", "content": "x", "weight": 0.5}]}""", "a \"weight\" of 0.5 (messages[1]); it must be 0 or 1")]
    [InlineData("""{"messages": [{"role": "user", "content": "x", "weight": 1}]}""", "\"weight\" in a message of the role \"user\"")]
    [InlineData("""{"messages": [{"role": "assistant"}]}""", "\"content\" is not a string")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}""", "text parts only")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "x", "function_call": {}}]}""", "\"function_call\", which \"tool_calls\" replaced")]
    [InlineData("""{"messages": [{"role": "function", "content": "x"}]}""", "the role \"function\", which \"tool\" replaced")]
    [InlineData("""{"messages": [{ASK}], "functions": []}""", "\"functions\", which \"tools\" replaced")]
    [InlineData("""{"messages": [{ASK}], "tools": {}}""", "\"tools\" that are no list")]
    [InlineData("""{"messages": [{ASK}], "tools": [{"type": "web"}]}""", "entry that is no function (tools[0])")]
    [InlineData("""{"messages": [{ASK}], "tools": [{TOOL}, {TOOL}]}""", "declares \"weather\" twice (tools[1])")]
    [InlineData("""{"messages": [{ASK}], "parallel_tool_calls": 1}""", "\"parallel_tool_calls\" that is neither")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{CALL}]}]}""", "calls \"weather\" (messages[0].tool_calls[0]), which its \"tools\" do not declare")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{CALL}, {CALL}]}], "tools": [{TOOL}]}""", "the call id \"c1\" twice")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{"}}]}], "tools": [{TOOL}]}""",
        "\"arguments\" that are no JSON object")]
    [InlineData("""{"messages": [{"role": "tool", "content": "x"}]}""", "without a \"tool_call_id\" (messages[0])")]
    [InlineData("""{"messages": [{"role": "tool", "content": "x", "tool_call_id": "c9"}]}""", "answers \"c9\" (messages[0]), which no assistant message before it calls")]
    [InlineData("""{"messages": [{ASK}], "messages": [{ASK}]}""", "not valid JSON")]
    [InlineData("""{"messages": [{"role": "user", "content": "\ud800"}]}""", "half a surrogate pair")]
    [InlineData("""{"messages": [{"role": "user", "content": "x", "colour": 1}]}""", "\"colour\" in a message")]
    public void A_mistake_is_one_sentence_with_file_line_and_place(string line, string problem)
    {
        var text = line.Replace("{ASK}", Ask, StringComparison.Ordinal).Replace("{TOOL}", Weather, StringComparison.Ordinal).Replace("{CALL}", Call, StringComparison.Ordinal);
        var error = Assert.Throws<InvalidDataException>(() => Render(Read(text)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains(".jsonl, line 2 ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Line_endings_and_a_byte_order_mark_change_nothing()
    {
        var path = _corpus.Place("crlf.jsonl");
        var line = $$"""{"messages": [{{Ask}}, {"role": "assistant", "content": "runs"}]}""";
        File.WriteAllText(path, $"{line}\r\n\r\n{line}", System.Text.Encoding.UTF8);
        Assert.Equal([1, 3], ChatFile.Read(path).Select(example => example.Line));
    }

    private ChatExample Read(string line)
    {
        var path = _corpus.Place($"{_files++}.jsonl");
        File.WriteAllText(path, $$"""{"messages": [{{Ask}}, {"role": "assistant", "content": "runs"}]}""" + "\n" + line + "\n");
        return ChatFile.Read(path).Last();
    }

    private RenderedChat Render(ChatExample example, ChatTemplate? template = null) => example.Render(template ?? ChatTemplate.ChatMl(_corpus.Tokenizer));

    private string Scored(ChatExample example, ChatTemplate? template = null)
    {
        var chat = Render(example, template);
        return _corpus.Tokenizer.Describe([.. chat.Tokens.Where((_, index) => chat.LossMask[index])]);
    }
}
