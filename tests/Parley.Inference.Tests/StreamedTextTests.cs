using System.Text;
using System.Text.Unicode;
using FsCheck;
using FsCheck.Fluent;
using Parley.Inference.Tests.Constraints;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference.Tests;

/// <summary>
/// Whatever tokens a model writes, in streams of every kind - completions, chat, with thoughts, with tools: whole characters only, broken bytes replaced as a
/// decoder of all bytes at once replaces them, control tokens never text.
/// </summary>
public sealed class StreamedTextTests
{
    private const int Most = 60;

    /// <summary>Bytes that make and break characters, marks of thoughts and calls, the end token in the middle.</summary>
    private static readonly byte[][] Pieces =
    [
        [], [0xC3], [0xA9], [0xF0, 0x9F], [0x98], [0x80], [0xED, 0xA0], [0xE6, 0x97], [0xA5], [0xFF], [0xC0, 0x80], .. new[]
        {
            "a", "é", "日", "😀", " ", "\n", "<think>", "</think>", "<tool_call>", "</tool_call>", "{\"name\": \"f\", ", "\"arguments\": {}}", "<", "{", "stop",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static TheoryData<string> Kinds { get; } = ["completion", "chat", "thoughts", "opened thoughts", "tools", "thoughts and tools"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Pieces_are_whole_characters_and_join_to_the_whole(string kind) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(400),
        Prop.ForAll(Gen.Choose(0, Pieces.Length - 1).ArrayOf().Select(all => all.Take(Most).ToArray()).ToArbitrary(), picks => Holds(kind, picks)));

    private static bool Holds(string kind, int[] picks)
    {
        var tokens = picks.SelectMany(pick => Pieces[pick].Length == 0 ? [ByteTokenizer.End] : Pieces[pick].Select(value => value + 1)).ToArray();
        var stream = Create(kind);
        var deltas = tokens.Select(token => stream.Accept(new EngineOutput { Token = token })).ToList();
        deltas.Add(stream.Accept(new EngineOutput { Token = ByteTokenizer.End, Finish = FinishReason.Stop }));
        string[] shown = [.. deltas.SelectMany(delta => new[] { delta.Text, delta.Reasoning })];
        Assert.All(shown, text => Assert.True(IsWhole(text), $"half a character in {Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}"));
        Assert.DoesNotContain(shown, text => text.Contains(SpecialTokens.EndOfTextName, StringComparison.Ordinal));
        var all = Encoding.UTF8.GetString([.. tokens.Where(token => token != ByteTokenizer.End).Select(token => (byte)(token - 1))]);
        var (words, thoughts) = (string.Concat(deltas.Select(delta => delta.Text)), string.Concat(deltas.Select(delta => delta.Reasoning)));
        if (kind is "completion" or "chat")
        {
            Assert.Equal(all, words);
            return thoughts.Length == 0;
        }

        // What is neither word nor thought is marks, calls and the space around them: no broken byte is shown that was not one, and none twice.
        return Count(words + thoughts) <= Count(all) && (kind.Contains("tools", StringComparison.Ordinal) || Count(words + thoughts) == Count(all));
    }

    private static ChoiceStream Create(string kind)
    {
        var request = new GenerationRequest { Model = "m", Input = kind == "completion" ? new GenerationInput.Text("") : new GenerationInput.Chat([]), Sampling = new() { Seed = 1 } };
        var format = new AnswerFormat(kind.Contains("thoughts", StringComparison.Ordinal), CallFormat.Of("<tool_call>"));
        var names = kind.Contains("tools", StringComparison.Ordinal) ? new HashSet<string>(StringComparer.Ordinal) { "f" } : null;
        return new(ByteTokenizer.Instance, request, [], kind == "completion" ? null : new AnswerReader(format, kind.StartsWith("opened", StringComparison.Ordinal), names));
    }

    private static int Count(string text) => text.Count(letter => letter == '\uFFFD');

    private static bool IsWhole(string text)
    {
        var utf8 = new byte[text.Length * 3];
        return Utf8.FromUtf16(text, utf8, out _, out _, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done;
    }
}
