using System.Text.Json;
using Parley.Models;
using Parley.Text;

namespace Parley.Inference.Verification;

/// <summary>
/// The folder tok/ of an oracle folder: for each vocabulary the ids that llama.cpp gave for 200 lines, for texts with control tokens, with the
/// vocabulary's own beginning and end, and the text it made of ids; besides, pairs of .inp and .out files and the tiny models' own texts. One verdict a file; a vocabulary that is
/// not there is skipped and said so. It knows no model.
/// </summary>
public static class TokenizerOracle
{
    private const string Separator = "\n__ggml_vocab_test__\n";

    /// <exception cref="InvalidDataException">The folder holds no token ids.</exception>
    public static IReadOnlyList<TokenizerVerdict> Run(string folder)
    {
        var tok = Path.Combine(folder, "tok");
        var linesFile = Path.Combine(tok, "lines.json");
        if (!File.Exists(linesFile))
        {
            throw new InvalidDataException($"{linesFile} is missing; name a folder of oracles, such as ../shared/oracles.");
        }

        var lines = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(linesFile))!;
        var vectors = Directory.EnumerateFiles(tok, "*.ids.json").Order(StringComparer.Ordinal).Select(file => RunVectors(tok, file, lines));
        var pairs = Directory.EnumerateFiles(tok, "*.gguf.inp").Order(StringComparer.Ordinal).Select(file => RunPair(file));
        return [.. vectors, .. pairs, .. RunModels(Path.Combine(folder, "models"))];
    }

    /// <summary>The texts that the manifest of the tiny models gives with ids, for each vocabulary that is in a model's file.</summary>
    private static IEnumerable<TokenizerVerdict> RunModels(string models)
    {
        var manifest = Path.Combine(models, "manifest.json");
        if (!File.Exists(manifest))
        {
            yield break;
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(manifest));
        foreach (var model in json.RootElement.GetProperty("files").EnumerateArray())
        {
            if (model.GetProperty("file").GetString() is not { } file || !model.TryGetProperty("tokenize", out var cases))
            {
                continue;
            }

            yield return Judge($"{file} (vocabulary)", Path.Combine(models, file), null, (tokenizer, check) =>
            {
                var index = 0;
                foreach (var entry in cases.EnumerateArray())
                {
                    var options = new EncodeOptions(entry.GetProperty("add_special").GetBoolean(), entry.GetProperty("parse_special").GetBoolean());
                    check.Ids("text", index++, entry.GetProperty("ids").Deserialize<int[]>()!, tokenizer.Encode(entry.GetProperty("text").GetString()!, options));
                }
            });
        }
    }

    private static TokenizerVerdict RunVectors(string tok, string file, string[] lines)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var root = json.RootElement;
        var pre = root.GetProperty("pre_overridden").GetBoolean() ? root.GetProperty("pre").GetString() : null;
        return Judge(Path.GetFileName(file), Path.Combine(tok, root.GetProperty("vocab_file").GetString()!), pre, (tokenizer, check) =>
        {
            var ids = root.GetProperty("ids").Deserialize<int[][]>()!;
            for (var line = 0; line < lines.Length; line++)
            {
                check.Ids("line", line, ids[line], tokenizer.Encode(lines[line]));
            }

            CheckSpecial(root, lines, tokenizer, check);
            CheckTexts(root, lines, ids, tokenizer, check);
        });
    }

    private static void CheckSpecial(JsonElement root, string[] lines, Tokenizer tokenizer, TokenizerCheck check)
    {
        var index = 0;
        foreach (var special in root.GetProperty("parse_special_cases").EnumerateArray())
        {
            var text = special.GetProperty("text").GetString()!;
            check.Ids("special case", index++, special.GetProperty("ids").Deserialize<int[]>()!, tokenizer.Encode(text, new(ParseSpecial: true)));
        }

        var whole = root.GetProperty("add_special_ids_first20").Deserialize<int[][]>()!;
        for (var line = 0; line < whole.Length; line++)
        {
            check.Ids("whole line", line, whole[line], tokenizer.Encode(lines[line], new(AddSpecial: true)));
        }
    }

    private static void CheckTexts(JsonElement root, string[] lines, int[][] ids, Tokenizer tokenizer, TokenizerCheck check)
    {
        var texts = root.GetProperty("detok_first60").Deserialize<string?[]>()!;
        for (var line = 0; line < texts.Length; line++)
        {
            check.Text(line, texts[line] ?? lines[line], tokenizer.Describe(ids[line]));
        }
    }

    private static TokenizerVerdict RunPair(string input) => Judge(Path.GetFileName(input), input[..^".inp".Length], null, (tokenizer, check) =>
    {
        var texts = File.ReadAllText(input).Split(Separator); // the last one ends the file
        var ids = File.ReadAllLines(Path.ChangeExtension(input, ".out"));
        for (var index = 0; index < ids.Length; index++)
        {
            int[] expected = [.. ids[index].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
            check.Ids("text", index, expected, tokenizer.Encode(texts[index], new(ParseSpecial: true)));
        }
    });

    private static TokenizerVerdict Judge(string name, string vocabulary, string? pre, Action<Tokenizer, TokenizerCheck> run)
    {
        if (!File.Exists(vocabulary))
        {
            return new TokenizerVerdict(name, 0, 0) { Skipped = $"{Path.GetFileName(vocabulary)} is not in the folder" };
        }

        try
        {
            using var reader = GgufReader.Open(vocabulary);
            var check = new TokenizerCheck();
            run(GgufVocabulary.ReadTokenizer(reader.Metadata, pre), check);
            return new TokenizerVerdict(name, check.Equal, check.Total) { FirstDifference = check.FirstDifference };
        }
        catch (ModelFormatException error)
        {
            return new TokenizerVerdict(name, 0, 1) { FirstDifference = error.Message };
        }
    }
}
