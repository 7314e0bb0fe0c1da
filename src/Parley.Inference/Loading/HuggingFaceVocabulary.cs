using Parley.Models;
using Parley.Text;

namespace Parley.Inference;

/// <summary>Tokenizer, end, beginning and chat template of a checkpoint or Hugging Face folder, by the JSON files beside the weights. It knows no tensor.</summary>
internal static class HuggingFaceVocabulary
{
    /// <param name="folder">The model's folder.</param>
    /// <param name="rows">Rows of the model's embedding table: added tokens behind them are left out.</param>
    /// <exception cref="ModelFormatException">A file is missing, damaged or of a kind that is not supported.</exception>
    public static (Tokenizer Tokenizer, ModelVocabulary Vocabulary) Read(string folder, int rows)
    {
        try
        {
            var read = HuggingFaceTokenizer.Read(folder, rows);
            var named = ModelVocabulary.Of(read.Tokenizer);
            return (read.Tokenizer, named with
            {
                EndTokens = [.. read.EndIds.Concat(named.EndTokens).Distinct()],
                Prefix = read.Tokenizer.Prefix,
                DocumentStart = read.BeginId ?? named.DocumentStart,
                Template = ChatTemplateFiles.FromFolder(folder),
            });
        }
        catch (InvalidDataException error)
        {
            throw new ModelFormatException($"{error.Message} Restore the files that the model was published or trained with.", error) { File = folder };
        }
    }
}
