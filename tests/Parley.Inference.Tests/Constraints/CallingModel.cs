using System.Text.Json;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Text;

namespace Parley.Inference.Tests.Constraints;

/// <summary>A random model of bytes whose template knows calls, and thoughts where wanted: what it is not held to, it does not do.</summary>
internal sealed class CallingModel : IAsyncDisposable
{
    public const string Hermes = "{% if tools %}{# <tool_call> #}{{ tools | tojson }}{% endif %}{{ messages[-1].content }}:";
    public const string Thinking = "{# <think></think> #}" + Hermes;
    public const string Mistral = "{% if tools %}{# [TOOL_CALLS] #}{{ tools | tojson }}{% endif %}{{ messages[-1].content }}:";
    public const string Bare = "{% if tools %}{{ tools | tojson }}{% endif %}{{ messages[-1].content }}:";
    public const string Form = """{"type":"object","properties":{"ok":{"type":"boolean"},"note":{"type":"string","maxLength":4}},"required":["ok","note"],"additionalProperties":false}""";

    private readonly ComputeContext _context = new(threads: 1);
    private readonly Engine _engine;

    public CallingModel(string template, Tokenizer? tokenizer = null)
    {
        tokenizer ??= ByteTokenizer.Instance;
        Loaded = new LoadedModel(
            "tiny",
            Models.Decoder.Initialize(TinyModel.Config with { ContextLength = 1500, VocabularySize = tokenizer.VocabularySize }, 11),
            tokenizer,
            ModelVocabulary.Of(tokenizer) with { Template = new ChatTemplateSource(template) });
        _engine = new Engine(Loaded.Decoder, new(), _context, time: null, startThread: false);
        Replica = new Replica(Loaded, _engine);
    }

    public static ToolSettings Tools { get; } = new(
    [
        Tool("pick", """{"type":"object","properties":{"colour":{"enum":["red","gr\"een"]},"size":{"type":"integer","minimum":1,"maximum":99}},"required":["colour","size"],"additionalProperties":false}"""),
        Tool("now", """{"type":"object","properties":{"zone":{"type":"string","maxLength":2}},"required":["zone"],"additionalProperties":false}"""),
    ]);

    public static GenerationConstraint Json { get; } = new GenerationConstraint.JsonSchema(Form, "response_format");

    public LoadedModel Loaded { get; }

    public Replica Replica { get; }

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        _context.Dispose();
        Loaded.Dispose();
    }

    public static Tool Tool(string name, string schema, bool strict = true)
    {
        using var declaration = JsonDocument.Parse("{\"type\":\"function\",\"function\":{\"name\":\"" + name + "\",\"parameters\":" + schema + "}}");
        return new(name, declaration.RootElement.Clone(), declaration.RootElement.GetProperty("function").GetProperty("parameters").Clone(), strict);
    }

    public static GenerationRequest Request(ToolSettings? tools, GenerationConstraint? form = null, ulong seed = 1) => new()
    {
        Model = "tiny",
        Input = new GenerationInput.Chat([new(MessageRole.User, "x")]),
        Sampling = new() { Seed = seed },
        MaxOutputTokens = 400,
        Tools = tools,
        Constraint = form,
    };

    /// <summary>What such an answer is held to.</summary>
    public CompiledConstraint Constraint(GenerationRequest request)
    {
        var prompt = new PromptRenderer(Loaded, 1500).Render(request, CancellationToken.None);
        return AnswerGrammar.Get(new ConstraintCache(Loaded.Tokenizer), Loaded, request, prompt)!;
    }

    public async Task<IReadOnlyList<GenerationEvent>> Read(GenerationRequest request)
    {
        var events = new List<GenerationEvent>();
        await using var stream = Replica.Generate(request, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        while (true)
        {
            var next = stream.MoveNextAsync().AsTask();
            while (!next.IsCompleted && _engine.Step())
            {
            }

            if (!await next)
            {
                return events;
            }

            events.Add(stream.Current);
        }
    }
}
