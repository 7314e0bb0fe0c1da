using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Text;
using Parley.Text.Jinja;

namespace Parley.Inference;

/// <summary>
/// A model ready to answer: decoder, tokenizer and chat template that belong together, from a .gguf file, a checkpoint folder or memory.
/// It holds no engine and computes nothing. Owns its decoder.
/// </summary>
public sealed class LoadedModel : IDisposable
{
    private readonly ModelVocabulary _vocabulary;

    /// <param name="id">The name callers use.</param>
    /// <param name="decoder">Owned from here on.</param>
    /// <param name="tokenizer">Its vocabulary is at most the decoder's.</param>
    /// <param name="vocabulary">End and start tokens; null: by the names of the tokenizer's special tokens.</param>
    /// <exception cref="ModelFormatException">The tokenizer has more ids than the decoder.</exception>
    public LoadedModel(string id, Decoder decoder, Tokenizer tokenizer, ModelVocabulary? vocabulary = null)
    {
        if (tokenizer.VocabularySize > decoder.Config.VocabularySize)
        {
            throw new ModelFormatException(
                $"The tokenizer of '{id}' has {tokenizer.VocabularySize} ids and the model {decoder.Config.VocabularySize}; use the tokenizer it was trained with.");
        }

        _vocabulary = vocabulary ??= ModelVocabulary.Of(tokenizer);
        (Id, Decoder, Tokenizer) = (id, decoder, tokenizer);
        (Prefix, DocumentStart) = (vocabulary.Prefix, vocabulary.DocumentStart);
        (Template, TemplateFault) = ReadTemplate(vocabulary.Template, tokenizer);
        Format = AnswerFormat.Of(Template?.Source ?? "", Template?.SourceForTools);
        EndTokens = [.. vocabulary.EndTokens.Concat(Template?.StopIds ?? []).Distinct()];
    }

    /// <summary>The name callers use: the file's or folder's name unless one was given.</summary>
    public string Id { get; }

    public Decoder Decoder { get; }

    public ModelConfig Config => Decoder.Config;

    public Tokenizer Tokenizer { get; }

    /// <summary>Null when the model continues text but holds no conversation.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>Why there is no <see cref="Template"/>; null when there is one.</summary>
    public string? TemplateFault { get; }

    /// <summary>How thoughts and calls are written in its answers.</summary>
    public AnswerFormat Format { get; }

    /// <summary>The ids that end an answer.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    /// <summary>Ids that stand before every raw text.</summary>
    public IReadOnlyList<int> Prefix { get; }

    /// <summary>The id that stands between documents; an empty text starts from it.</summary>
    public int? DocumentStart { get; }

    /// <summary>When the weights were written, in Unix seconds; 0 for a model from memory.</summary>
    public long Created { get; private init; }

    /// <summary>Loads a .gguf file, a checkpoint folder, or a Hugging Face folder (config.json, safetensors, tokenizer.json).</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="id">The name callers will use; null: the file's name without .gguf, or the folder's.</param>
    /// <exception cref="ModelFormatException">Missing, truncated or not supported: one sentence with file and remedy.</exception>
    public static LoadedModel Load(string path, string? id = null)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (AdapterCheckpoint.IsIn(full))
        {
            throw new ModelFormatException($"'{path}' is an adapter, not a model; serve it beside its model with --adapter NAME={path}, or merge the two with: parley models merge.") { File = path };
        }

        if (Directory.Exists(full))
        {
            var name = id ?? Path.GetFileName(full);
            return HuggingFaceModel.IsIn(full) ? FromHuggingFace(full, name) : FromCheckpoint(full, name);
        }

        return File.Exists(full)
            ? FromGguf(full, id ?? Path.GetFileNameWithoutExtension(full))
            : throw new ModelFormatException($"'{path}' does not exist; give a .gguf file or a checkpoint folder, ours or Hugging Face's.") { File = path };
    }

    /// <summary>The same model with an adapter folded into its weights; see <see cref="AdapterMerge"/>.</summary>
    /// <param name="adapter">Of this model's shape; stays the caller's.</param>
    public LoadedModel Merge(Adapter adapter) => new(Id, AdapterMerge.Merge(Decoder, adapter), Tokenizer, _vocabulary) { Created = Created };

    /// <summary>Writes the model as one GGUF file, with tokenizer and chat template, that llama.cpp can read.</summary>
    /// <param name="path">Replaced only when the whole file is written.</param>
    /// <param name="type">How matrices are stored.</param>
    /// <exception cref="ModelFormatException">The tokenizer cannot be written as GGUF.</exception>
    public void ExportGguf(string path, DType type) => GgufModel.Export(path, Decoder, type, GgufVocabulary.Write(this));

    /// <summary>The model as callers see it when <paramref name="contextLength"/> tokens are served.</summary>
    public ModelDescription Describe(int contextLength) => new(Id, Decoder.WeightsId, contextLength, Config.ParameterCount, Created);

    public void Dispose() => Decoder.Dispose();

    // A template that is not understood does not keep a model from continuing text.
    private static (ChatTemplate?, string?) ReadTemplate(ChatTemplateSource? source, Tokenizer tokenizer)
    {
        if (source is null)
        {
            return tokenizer.Special.HasChatMl
                ? (ChatTemplate.ChatMl(tokenizer), null)
                : (null, $"it has no chat template, and its vocabulary lacks {SpecialTokens.ImStartName}");
        }

        try
        {
            return (ChatTemplate.Parse(source, tokenizer), null);
        }
        catch (JinjaException error)
        {
            return (null, $"its chat template is not understood ({error.Message.TrimEnd('.')})");
        }
    }

    private static LoadedModel FromGguf(string path, string id)
    {
        var model = GgufModel.Load(path);
        try
        {
            var (tokenizer, vocabulary) = GgufVocabulary.Read(model.Metadata);
            return new LoadedModel(id, model.Decoder, tokenizer, vocabulary) { Created = Written(path) };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static LoadedModel FromCheckpoint(string folder, string id)
    {
        var contents = Checkpoint.Load(folder);
        contents.DisposeOptimizer();
        try
        {
            var (tokenizer, vocabulary) = HuggingFaceVocabulary.Read(folder, contents.Decoder.Config.VocabularySize);
            return new LoadedModel(id, contents.Decoder, tokenizer, vocabulary) { Created = Written(Path.Combine(folder, Checkpoint.ConfigFile)) };
        }
        catch
        {
            contents.Decoder.Dispose();
            throw;
        }
    }

    private static LoadedModel FromHuggingFace(string folder, string id)
    {
        var decoder = HuggingFaceModel.Load(folder);
        try
        {
            var (tokenizer, vocabulary) = HuggingFaceVocabulary.Read(folder, decoder.Config.VocabularySize);
            return new LoadedModel(id, decoder, tokenizer, vocabulary) { Created = Written(Path.Combine(folder, HuggingFaceModel.ConfigFile)) };
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    private static long Written(string path) => new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds();
}
