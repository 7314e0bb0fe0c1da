namespace Parley.Text.Tests;

/// <summary>A small tokenizer trained once on a few sentences, and FsCheck's ways of making text for it.</summary>
internal static class SampleTokenizer
{
    public const string Prose =
        "The cat sat on the mat and looked at the rain. It had been raining for three days, and the cat was tired of it. " +
        "'When will it end?' said the cat. 'I don't know,' said the dog, 'but we'll see the sun again; we've seen it before.'\n" +
        "Then the rain ended. The sun came out, the cat went out, and the dog went after the cat.\n\nNaïve café, 12345 times; 你好。\n";

    public static BpeTokenizer Instance { get; } = new BpeTrainer().Train([Prose, Prose], new() { VocabularySize = 400 });
}
