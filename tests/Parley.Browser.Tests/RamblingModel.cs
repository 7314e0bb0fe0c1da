using Parley.Models;
using Parley.Tensors;
using Parley.Text;

namespace Parley.Browser.Tests;

/// <summary>
/// A model of random weights that never ends by itself: word salad in Markdown and several scripts, up to the length limit. A test
/// that stops or reloads in mid-answer always finds it in mid-answer.
/// </summary>
internal static class RamblingModel
{
    private const string Vocabulary =
        """
        the quick brown fox jumps over the lazy dog and then, after a while, it walks home through the rain
        a naïve café owner says “hello” to the keeper — who answers slowly: yes … no! why? because
        **bold words** and *quiet words* and `code words` and [a link](https://example.org/) and ~~none~~
        - one thing
        - another thing
        ## A heading
        | a | b |
        |---|---|
        日本語 and русский and 🌍 and 🦊 all the way
        """;

    /// <summary>A template that opens thoughts: the answer is all thought, for nothing closes them.</summary>
    private const string Thinking =
        "{# <think></think> #}{% for m in messages %}<|im_start|>{{ m.role }}\\n{{ m.content }}<|im_end|>\\n{% endfor %}<|im_start|>assistant\\n<think>\\n";

    /// <summary>Writes the checkpoint into a new folder.</summary>
    /// <param name="folder">Made here.</param>
    /// <param name="thinks">It thinks and never comes to speak.</param>
    public static void Write(string folder, bool thinks = false)
    {
        var trainer = new BpeTrainer();
        var tokenizer = trainer.Train(Enumerable.Repeat(Vocabulary, 4), new BpeTrainerOptions { VocabularySize = 600 });
        var config = new ModelConfig
        {
            VocabularySize = tokenizer.VocabularySize,
            HiddenSize = 256,
            IntermediateSize = 640,
            Layers = 6,
            Heads = 8,
            KVHeads = 2,
            HeadDim = 32,
            ContextLength = 16384,
        };
        using var decoder = Decoder.Initialize(config, seed: 7);
        Forbid(decoder, id => tokenizer.Special.IsSpecial(id) || !IsText(tokenizer.TokenBytes(id)));
        Checkpoint.Save(folder, new CheckpointContents
        {
            Decoder = decoder,
            Tokenizer = tokenizer.ToJson(),
            Lineage = new CheckpointLineage("browser-tests", Parent: null, Seed: 7, ShardManifestHash: null, Step: 0),
        });
        if (thinks)
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), $$"""{"chat_template": "{{Thinking}}"}""");
        }
    }

    /// <summary>
    /// Makes some tokens impossible: the residual stream gets a constant first component, and those rows of the head point away from it.
    /// </summary>
    private static void Forbid(Decoder decoder, Func<int, bool> forbidden)
    {
        Change(decoder.Parameters.Single(parameter => parameter.Name == "model.embed_tokens.weight"), _ => 2f);
        Change(decoder.Head, row => forbidden(row) ? -30f : 0f);
    }

    private static void Change(Parameter matrix, Func<int, float> firstColumn)
    {
        var values = matrix.Value.ToArray();
        var rows = matrix.Value.Shape[0];
        for (var row = 0; row < rows; row++)
        {
            values[row * (values.Length / rows)] = firstColumn(row);
        }

        matrix.Value.CopyFrom(values);
        matrix.MarkChanged();
    }

    /// <summary>Whole characters only, and none that controls anything but the line.</summary>
    private static bool IsText(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) && bytes.Length > 0 && !bytes.ContainsAnyInRange((byte)0, (byte)9) && !bytes.ContainsAnyInRange((byte)11, (byte)31) && !bytes.Contains((byte)127);
}
