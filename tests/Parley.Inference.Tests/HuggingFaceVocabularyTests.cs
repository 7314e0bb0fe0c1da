using Parley.Models;
using Parley.Testing;

namespace Parley.Inference.Tests;

/// <summary>The small JSON files beside a Hugging Face model: which tokens end an answer, and the chat template.</summary>
public sealed class HuggingFaceVocabularyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EndTokensComeFromEveryFileThatNamesThem()
    {
        Write("generation_config.json", """{"eos_token_id": [5, 66]}""");
        Write("config.json", """{"eos_token_id": 7}""");
        Write("tokenizer_config.json", """{"chat_template": "x", "bos_token": "<|im_start|>", "eos_token": "<|endoftext|>"}""");
        var vocabulary = HuggingFaceVocabulary.Read(_folder.Path, new LetterTokenizer());
        Assert.Equal([5, 66, 7, LetterTokenizer.EndOfText], vocabulary.EndTokens);
        Assert.Equal(LetterTokenizer.ImStart, vocabulary.DocumentStart);
        Assert.Equal("x", vocabulary.Template!.Template);
    }

    [Fact]
    public void NothingButTheNamesOfTokensIsNeeded()
    {
        Write("config.json", """{"eos_token_id": null}""");
        var vocabulary = HuggingFaceVocabulary.Read(_folder.Path, new LetterTokenizer());
        Assert.Equal([LetterTokenizer.ImEnd, LetterTokenizer.EndOfText], vocabulary.EndTokens);
        Assert.Null(vocabulary.Template);
    }

    [Theory]
    [InlineData("""{"eos_token_id": 99}""", "99 is not a token")]
    [InlineData("""{"eos_token_id": "x"}""", "\"x\" is not a token")]
    [InlineData("{", "is not valid")]
    public void WhatCannotBeIsNamed(string json, string part)
    {
        Write("generation_config.json", json);
        var error = Assert.Throws<ModelFormatException>(() => HuggingFaceVocabulary.Read(_folder.Path, new LetterTokenizer()));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains("generation_config.json", error.Message, StringComparison.Ordinal);
    }

    private void Write(string name, string json) => File.WriteAllText(_folder.File(name), json);
}
