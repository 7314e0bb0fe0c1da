using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Testing;
using Parley.Text;

namespace Parley.Inference.Tests;

/// <summary>A model's own chat template: where its files keep it, what it makes of a request, and what happens when it is not understood.</summary>
public sealed class ModelTemplateTests : IDisposable
{
    private const string Bare = "{{ bos_token }}{% for m in messages %}{{ m.role[0] + m.content + eos_token }}{% endfor %}";
    private static readonly LetterTokenizer Letters = new();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItsTextBecomesThePrompt()
    {
        using var model = Model(Bare);
        var ids = Render(model, new Message(MessageRole.User, "hi, you"), new Message(MessageRole.Assistant, "a"));
        int[] expected = [LetterTokenizer.EndOfText, .. Letters.Encode("uhi, you"), LetterTokenizer.ImEnd, .. Letters.Encode("aa"), LetterTokenizer.ImEnd];
        Assert.Equal(expected, ids);
        Assert.Contains(LetterTokenizer.ImEnd, model.EndTokens);
    }

    [Theory]
    [InlineData("{{ bos_token }}x")]
    [InlineData("x")]
    public void TheDocumentTokenStandsOnce(string template)
    {
        using var model = Model(template, prefix: [LetterTokenizer.EndOfText]);
        Assert.Equal([LetterTokenizer.EndOfText, .. Letters.Encode("x")], Render(model, new Message(MessageRole.User, "")));
    }

    [Fact]
    public void ARefusalIsTheCallersToMend()
    {
        using var model = Model("{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{{ messages.x.y }}");
        AssertRefused(model, "messages", "The chat template of 'tiny' refuses these messages: System role not supported", MessageRole.System);
        AssertRefused(model, "messages", "The chat template of 'tiny' fails on these messages: line 1, column", MessageRole.User);
    }

    [Fact]
    public void ATemplateThatIsNotUnderstoodLeavesCompletions()
    {
        using var model = Model("a\n{% include 'x' %}");
        Assert.Null(model.Template);
        AssertRefused(
            model,
            "model",
            "The model 'tiny' cannot chat: its chat template is not understood (line 2, column 4: the tag 'include' is not supported); use /v1/completions.",
            MessageRole.User);
        Assert.Equal(Letters.Encode("hi"), new PromptRenderer(model, 96).Render(Request(new GenerationInput.Text("hi")), CancellationToken.None).Ids);
    }

    [Fact]
    public void NoTemplateIsChatMlWhereTheVocabularyHasItsTokens()
    {
        using var model = new LoadedModel("tiny", TinyModel.Create(), Letters);
        Assert.Equal(ChatTemplate.ChatMlJinja, model.Template!.Source);
        Assert.Equal(LetterTokenizer.ImStart, Render(model, new Message(MessageRole.User, "hi"))[0]);
    }

    [Fact]
    public void GgufKeepsItAndItsVariant()
    {
        var metadata = new GgufMetadata
        {
            ["tokenizer.chat_template"] = "plain",
            ["tokenizer.chat_template.tool_use"] = "tools",
            ["tokenizer.ggml.bos_token_id"] = LetterTokenizer.ImStart,
            ["tokenizer.ggml.eos_token_id"] = LetterTokenizer.ImEnd,
        };
        Assert.Equal(
            new ChatTemplateSource("plain") { ForTools = "tools", BeginToken = "<|im_start|>", EndToken = "<|im_end|>" }, ChatTemplateFiles.FromGguf(metadata, Letters));
        Assert.Null(ChatTemplateFiles.FromGguf([], Letters));
    }

    [Theory]
    [InlineData("""{"chat_template": "a", "bos_token": "<s>", "eos_token": {"content": "</s>"}}""", null, "a", null)]
    [InlineData("""{"chat_template": [{"name": "default", "template": "a"}, {"name": "tool_use", "template": "b"}], "bos_token": "<s>", "eos_token": "</s>"}""", null, "a", "b")]
    [InlineData("""{"chat_template": [{"name": "tool_use", "template": "b"}], "bos_token": "<s>", "eos_token": "</s>"}""", null, "b", "b")]
    [InlineData("""{"chat_template": "a", "bos_token": "<s>", "eos_token": "</s>"}""", "file", "file", null)]
    [InlineData("""{"bos_token": "<s>", "eos_token": "</s>"}""", "file", "file", null)]
    public void AFolderKeepsItInOneOfItsFiles(string config, string? file, string template, string? tools)
    {
        File.WriteAllText(_folder.File("tokenizer_config.json"), config);
        if (file is not null)
        {
            File.WriteAllText(_folder.File("chat_template.jinja"), file);
        }

        Assert.Equal(
            new ChatTemplateSource(template) { ForTools = tools, BeginToken = "<s>", EndToken = "</s>" }, ChatTemplateFiles.FromFolder(_folder.Path));
    }

    [Fact]
    public void AFolderMayHaveNone()
    {
        Assert.Null(ChatTemplateFiles.FromFolder(_folder.Path));
        File.WriteAllText(_folder.File("tokenizer_config.json"), """{"bos_token": null}""");
        Assert.Null(ChatTemplateFiles.FromFolder(_folder.Path));
        File.WriteAllText(_folder.File("tokenizer_config.json"), "{");
        Assert.Contains("tokenizer_config.json", Assert.Throws<ModelFormatException>(() => ChatTemplateFiles.FromFolder(_folder.Path)).Message, StringComparison.Ordinal);
    }

    private static LoadedModel Model(string template, int[]? prefix = null) => new("tiny", TinyModel.Create(), Letters, new()
    {
        Template = new ChatTemplateSource(template) { BeginToken = "<|endoftext|>", EndToken = "<|im_end|>" },
        Prefix = prefix ?? [],
    });

    private static int[] Render(LoadedModel model, params Message[] messages) =>
        new PromptRenderer(model, 96).Render(Request(new GenerationInput.Chat(messages)), CancellationToken.None).Ids;

    private static GenerationRequest Request(GenerationInput input) => new() { Model = "tiny", Input = input, Sampling = new() { Seed = 1 } };

    private static void AssertRefused(LoadedModel model, string param, string sentence, MessageRole role)
    {
        var error = Assert.Throws<ParleyException>(() => Render(model, new Message(role, "hi")));
        Assert.Equal((400, param), (error.Status, error.Error.Param));
        Assert.StartsWith(sentence, error.Message, StringComparison.Ordinal);
    }
}
