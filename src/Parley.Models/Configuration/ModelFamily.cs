namespace Parley.Models;

/// <summary>
/// What the members of a family have in common and their files leave unsaid: fields of <see cref="ModelConfig"/>, and how Hugging Face
/// and llama.cpp store them. A table; the decoder never asks for a family.
/// </summary>
internal sealed record ModelFamily
{
    private static readonly ModelFamily[] Table =
    [
        new() { Name = "llama", Class = "LlamaForCausalLM", GgufName = "llama", PairedRows = true },
        new() { Name = "mistral", Class = "MistralForCausalLM", GgufName = "llama", PairedRows = true },
        new() { Name = "mixtral", Class = "MixtralForCausalLM", GgufName = "llama", PairedRows = true, Traits = config => config with { RopeTheta = 1e6f } },
        new() { Name = "qwen2", Class = "Qwen2ForCausalLM", Traits = config => config with { QueryKeyValueBias = true } },
        new()
        {
            Name = "qwen3",
            Class = "Qwen3ForCausalLM",
            UsualSizes = new Dictionary<string, int>(StringComparer.Ordinal) { ["head_dim"] = 128 },
            Traits = config => config with { QueryKeyNorms = true },
        },
        new()
        {
            Name = "qwen3moe",
            HuggingFaceType = "qwen3_moe",
            Class = "Qwen3MoeForCausalLM",
            Traits = config => config with { QueryKeyNorms = true },
        },
        new()
        {
            Name = "gemma2",
            Class = "Gemma2ForCausalLM",
            GainsLackOne = true,
            UsualSizes = new Dictionary<string, int>(StringComparer.Ordinal) { ["head_dim"] = 256 },
            Traits = Gemma,
        },
        new()
        {
            Name = "gemma3",
            HuggingFaceType = "gemma3_text",
            Class = "Gemma3ForCausalLM",
            GainsLackOne = true,
            UsualSizes = new Dictionary<string, int>(StringComparer.Ordinal)
            {
                // The text halves of the larger models leave these out.
                ["vocab_size"] = 262_208,
                ["num_attention_heads"] = 8,
                ["num_key_value_heads"] = 4,
                ["head_dim"] = 256,
                ["max_position_embeddings"] = 131_072,
            },
            Traits = config => Gemma(config) with { QueryKeyNorms = true, RopeTheta = 1e6f, LocalRopeTheta = 10_000f },
        },
        new() { Name = "phi3", Class = "Phi3ForCausalLM", IsFused = true },
        new()
        {
            Name = "gpt2",
            Class = "GPT2LMHeadModel",
            IsFused = true,
            Traits = config => config with
            {
                Norm = NormKind.Layer,
                LearnedPositions = true,
                GatedMlp = false,
                Activation = Activation.GeluTanh,
                QueryKeyValueBias = true,
                OutputBias = true,
                MlpBias = true,
                TieEmbeddings = true,
            },
        },
        new()
        {
            Name = "smollm3",
            Class = "SmolLM3ForCausalLM",
            PairedRows = true,
            Traits = config => config with
            {
                TieEmbeddings = true,
                UnrotatedLayers = LayerSet.Where(config.Layers, layer => layer % 4 == 3),
            },
        },
        new() { Name = "granite", Class = "GraniteForCausalLM", PairedRows = true },
        new()
        {
            Name = "bert",
            Class = "BertModel",
            UsualSizes = new Dictionary<string, int>(StringComparer.Ordinal) { ["type_vocab_size"] = 2 },
            Traits = config => config with
            {
                Causal = false,
                Pooling = Pooling.Mean,
                Norm = NormKind.Layer,
                NormEpsilon = 1e-12f,
                LearnedPositions = true,
                EmbeddingNorm = true,
                NormsAfterResidual = true,
                GatedMlp = false,
                Activation = Activation.GeluErf,
                QueryKeyValueBias = true,
                OutputBias = true,
                MlpBias = true,
                TieEmbeddings = true,
            },
        },
    ];

    /// <summary>What we call it, and llama.cpp where <see cref="GgufName"/> does not say otherwise.</summary>
    public required string Name { get; init; }

    /// <summary>The first of <c>architectures</c> in config.json.</summary>
    public required string Class { get; init; }

    /// <summary><c>model_type</c> in config.json.</summary>
    public string HuggingFaceType { get => field ?? Name; init; }

    /// <summary><c>general.architecture</c> in GGUF.</summary>
    public string GgufName { get => field ?? Name; init; }

    /// <summary>True when GGUF stores query and key rows in the order of interleaved pairs (see <see cref="RotaryRows"/>).</summary>
    public bool PairedRows { get; init; }

    /// <summary>True when query, key and value (and gate and up, if there are) are stored as one tensor.</summary>
    public bool IsFused { get; init; }

    /// <summary>True when Hugging Face stores norm gains less one; GGUF and we store them whole.</summary>
    public bool GainsLackOne { get; init; }

    /// <summary>Sizes that a config.json may leave out because the family's class has them.</summary>
    public IReadOnlyDictionary<string, int> UsualSizes { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Fills in, over the sizes, what members have in common.</summary>
    public Func<ModelConfig, ModelConfig> Traits { get; init; } = static config => config;

    /// <summary>All families that can be computed.</summary>
    public static string Names => string.Join(", ", Table.Select(family => family.Name));

    public static ModelFamily Of(ModelConfig config) => Require(config.Architecture);

    /// <exception cref="ModelFormatException">There is no such family.</exception>
    public static ModelFamily Require(string name) => Array.Find(Table, family => string.Equals(family.Name, name, StringComparison.Ordinal))
        ?? throw new ModelFormatException($"The model configuration is not usable: model_type {Refusal(name)}") { Field = "model_type" };

    /// <summary>By <c>model_type</c>; null when there is none.</summary>
    public static ModelFamily? ByHuggingFaceType(string type) =>
        Array.Find(Table, family => string.Equals(family.HuggingFaceType, type, StringComparison.Ordinal) || string.Equals(family.Name, type, StringComparison.Ordinal));

    /// <summary>By <c>general.architecture</c>, of several the first; null when there is none.</summary>
    public static ModelFamily? ByGgufName(string name) => Array.Find(Table, family => string.Equals(family.GgufName, name, StringComparison.Ordinal));

    /// <summary>The end of a sentence about an architecture that is none of these.</summary>
    public static string Refusal(string name) => $"\"{name}\" is not supported; these are: {Names}. Use a model of one of them.";

    private static ModelConfig Gemma(ModelConfig config) => config with
    {
        PostNorms = true,
        Activation = Activation.GeluTanh,
        EmbeddingScale = MathF.Sqrt(config.HiddenSize),
        TieEmbeddings = true,
        NormEpsilon = 1e-6f,
    };
}
