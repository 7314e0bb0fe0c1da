using Parley.Inference;
using Parley.Models;
using Parley.Text;

namespace Parley.Training.Stages;

/// <summary>
/// What fine-tuning starts from: a checkpoint of ours, or a model file or folder whose tokenizer and chat template training speaks, its weights brought to F32. The
/// decoder is the caller's to change and to free.
/// </summary>
/// <param name="Tokenizer">tokenizer.json.</param>
public sealed record StartingModel(Decoder Decoder, ReadOnlyMemory<byte> Tokenizer)
{
    /// <param name="path">A checkpoint's folder, a .gguf file, or a folder with config.json and safetensors.</param>
    /// <exception cref="InvalidDataException">It cannot be trained here; says what is missing.</exception>
    /// <exception cref="ModelFormatException">It is missing or damaged.</exception>
    public static StartingModel Load(string path)
    {
        if (Directory.Exists(path) && !HuggingFaceModel.IsIn(path))
        {
            var contents = Checkpoint.Load(path);
            contents.DisposeOptimizer();
            return new StartingModel(contents.Decoder, contents.Tokenizer);
        }

        using var model = LoadedModel.Load(path);
        RequireTrainable(path, model.Config);
        var tokenizer = TokenizerOf(model)
            ?? throw new InvalidDataException($"{path} has a tokenizer or chat template that training does not speak; it takes byte-level BPE with ChatML.");
        return new StartingModel(F32Copy.Of(model.Decoder), tokenizer);
    }

    /// <summary>tokenizer.json, where that and the weights are all there is to the model; null when it speaks otherwise than checkpoints do.</summary>
    public static byte[]? TokenizerOf(LoadedModel model) =>
        model is { Tokenizer: BpeTokenizer { Special.HasChatMl: true } tokenizer, Template: { Source: ChatTemplate.ChatMlJinja } } ? tokenizer.ToJson() : null;

    private static void RequireTrainable(string path, ModelConfig config)
    {
        var missing = config.Experts > 0 ? "a mixture of experts" : !config.Causal ? "an encoder" : config.Activation == Activation.GeluErf ? "GELU in its exact form" : null;
        if (missing is not null) throw new InvalidDataException($"{path} is a {config.Architecture} model with {missing}, which can be served but not trained yet; start from another.");
    }
}
