using Parley.Inference;
using Parley.Models;
using Parley.Text;

namespace Parley.Host.Tests;

/// <summary>A decoder of one layer with random weights and a tokenizer of its own words: real, and a test of it takes milliseconds.</summary>
internal static class TinyModel
{
    public static BpeTokenizer Tokenizer { get; } =
        new BpeTrainer().Train(["the cat sat on the mat and the rat sat on the cat"], new() { VocabularySize = 280 });

    public static LoadedModel Create(int contextLength)
    {
        var config = new ModelConfig
        {
            VocabularySize = Tokenizer.VocabularySize,
            HiddenSize = 32,
            IntermediateSize = 48,
            Layers = 1,
            Heads = 2,
            KVHeads = 1,
            HeadDim = 16,
            ContextLength = contextLength,
            TieEmbeddings = true,
        };
        return new LoadedModel("tiny", Decoder.Initialize(config, 3), Tokenizer);
    }
}
