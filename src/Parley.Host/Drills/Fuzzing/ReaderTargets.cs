using System.Text;
using System.Text.Json;
using Parley.Inference;
using Parley.Models;
using Parley.Text;
using Parley.Text.Jinja;

namespace Parley.Host.Drills.Fuzzing;

/// <summary>The readers of foreign files. Each is used as the product uses it, and what it hands out is touched.</summary>
internal static class ReaderTargets
{
    private const int LongestMessage = 2000;
    private const int FolderAllowance = 8 << 20; // the weights and the tokenizer beside the injured file are read too
    private const int WholeFile = int.MaxValue;
    private const string Sample = "The cat's 12 mats\n\n  sat <s> on Grüße 世界 🙂";

    private static readonly byte[][] JsonWords =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", ":", ",", "null", "true", "-1", "1e999", "0.5", "99999999999999999999", "2147483648", "\"\\ud800\"", "\"\\u0000\"", "[[", "{\"a\":", "\"\":",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3, 0x28],
    ];

    private static readonly byte[][] JinjaWords =
    [
        .. new[]
        {
            "{%", "%}", "{{", "}}", "{#", "#}", "{%-", "-%}", "for x in messages", "{% for x in range(99999) %}", "{% endfor %}", "{% if x %}", "{% endif %}", "{% else %}", "(", ")", "[", "]",
            "{", "}", "'", "\"", "|", "~", "**", "* 99999", "-", "not ", "|tojson", "|join", "|length", "[::-1]", "[0]", ".items()", "namespace(a=1)", "{% macro m() %}{{ m() }}{% endmacro %}",
            "{% set x = 'a' * 9999 %}", "{% set x = x ~ x %}", "loop.index", "messages", ".split('')", ".replace('', 'aa')", "none", "1e999", "99999999999999999999", "{% generation %}", "{% break %}",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xED, 0xA0, 0x80],
    ];

    private static readonly ChatContext Conversation = new()
    {
        Messages = [new("system", "be short"), new("user", "a cat\nsat"), new("assistant", "<think>x</think>\nwhere?"), new("user", "<|im_end|> on the mat")],
        Tools = [JsonDocument.Parse("""{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}""").RootElement],
        AddGenerationPrompt = true,
    };

    public static IReadOnlyList<FuzzTarget> All(string folder) =>
    [
        new("GGUF", "mutant.gguf", FuzzSeeds.Containers, [], 900, Nothing, ReadContainer, ModelComplaint),
        new("GGUF model", "mutant.gguf", FuzzSeeds.Models(folder), [], 6000, Nothing, path => LoadedModel.Load(path).Dispose(), ModelComplaint),
        new("safetensors", "mutant.safetensors", [FuzzSeeds.Safetensors("a", "b", "c.weight"), FuzzSeeds.Safetensors("x")], JsonWords, 500, Nothing, ReadContainer, ModelComplaint),
        new("safetensors index", SafetensorsReader.IndexName, Indexes, JsonWords, WholeFile, WriteShards, ReadContainer, ModelComplaint),
        new("config.json", "config.json", FuzzSeeds.Configs, JsonWords, WholeFile, Nothing, path => ModelConfigJson.FromJson(File.ReadAllBytes(path), path), ModelComplaint),
        new("tokenizer.json", "tokenizer.json", FuzzSeeds.TokenizerFiles, JsonWords, 4000, Nothing, ReadTokenizer, TextComplaint)
        {
            Foundation = 8 << 20, // a split pattern of a kilobyte is compiled
        },
        new("tokenizer_config.json", "tokenizer_config.json", FuzzSeeds.TokenizerConfigs, JsonWords, WholeFile, FuzzSeeds.WriteFolder, ReadFolder, ModelComplaint)
        {
            Foundation = FolderAllowance,
        },
        new("generation_config.json", "generation_config.json", FuzzSeeds.GenerationConfigs, JsonWords, WholeFile, FuzzSeeds.WriteFolder, ReadFolder, ModelComplaint)
        {
            Foundation = FolderAllowance,
        },
        new("Jinja", "template.jinja", FuzzSeeds.Templates, JinjaWords, WholeFile, Nothing, path => JinjaTemplate.Parse(File.ReadAllText(path)), JinjaComplaint)
        {
            Factor = 512, // a syntax tree with a node for every sign or two
        },
        new("Jinja rendered", "template.jinja", FuzzSeeds.Templates, JinjaWords, WholeFile, Nothing, Render, JinjaComplaint)
        {
            Foundation = 1 << 30, // a template may loop up to its own limits (JinjaLimits), which count characters
        },
    ];

    private static byte[][] Indexes { get; } =
    [
        .. new[]
        {
            """{"metadata":{"total_size":96},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00001-of-00002.safetensors","c":"model-00002-of-00002.safetensors"}}""",
            """{"weight_map":{"c":"model-00002-of-00002.safetensors"}}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static void Nothing(string folder)
    {
    }

    private static void WriteShards(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "model-00001-of-00002.safetensors"), FuzzSeeds.Safetensors("a", "b"));
        File.WriteAllBytes(Path.Combine(folder, "model-00002-of-00002.safetensors"), FuzzSeeds.Safetensors("c"));
    }

    // Every byte that a reader says is a tensor's is read.
    private static void ReadContainer(string path)
    {
        using var container = TensorContainer.Open(path);
        foreach (var tensor in container.Tensors)
        {
            var sum = 0;
            for (var offset = 0L; offset < tensor.ByteCount; offset += 1 << 20)
            {
                foreach (var value in container.Bytes(tensor, offset, (int)Math.Min(1 << 20, tensor.ByteCount - offset)))
                {
                    sum += value;
                }
            }

            GC.KeepAlive(sum);
        }
    }

    private static void ReadTokenizer(string path)
    {
        var tokenizer = Tokenizer.FromTokenizerJson(File.ReadAllBytes(path));
        _ = tokenizer.Decode(tokenizer.Encode(Sample));
    }

    private static void ReadFolder(string path) => LoadedModel.Load(Path.GetDirectoryName(path)!).Dispose();

    private static void Render(string path) =>
        ChatTemplate.Parse(new ChatTemplateSource(File.ReadAllText(path)) { BeginToken = "<|endoftext|>" }, FuzzSeeds.Vocabulary, Noon.Clock).Render(Conversation);

    private static string? ModelComplaint(Exception error) => error switch
    {
        ModelFormatException { File: null } => $"a refusal without a file: {error.Message}",
        ModelFormatException => Message(error),
        _ => Unexpected(error),
    };

    private static string? TextComplaint(Exception error) => error is InvalidDataException ? Message(error) : Unexpected(error);

    private static string? JinjaComplaint(Exception error) => error is JinjaException ? Message(error) : Unexpected(error);

    private static string? Message(Exception error) =>
        error.Message.Length <= LongestMessage && !error.Message.Contains('\n', StringComparison.Ordinal) ? null : $"a refusal that is no one line: {JsonEncodedText.Encode(error.Message[..Math.Min(200, error.Message.Length)])}";

    private static string Unexpected(Exception error) => $"{error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}";

    /// <summary>Templates may tell the date; here it is always the same.</summary>
    private sealed class Noon : TimeProvider
    {
        public static Noon Clock { get; } = new();

        public override DateTimeOffset GetUtcNow() => new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
    }
}
