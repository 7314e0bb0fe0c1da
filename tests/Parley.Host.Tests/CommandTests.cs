using Parley.Models;
using Parley.Tensors;
using Parley.Testing;
using Spectre.Console;

namespace Parley.Host.Tests;

/// <summary>The command line: what goes wrong is one sentence on stderr and exit code 1.</summary>
[Collection(nameof(CommandTests))]
[CollectionDefinition(nameof(CommandTests), DisableParallelization = true)]
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keys_are_made_listed_and_revoked()
    {
        var (code, secret, said) = await RunAsync("keys", "create", "--name", "laptop", "--project", "shop", "--data", _folder.Path);
        Assert.Equal(0, code);
        Assert.Matches("^sk-parley-[A-Za-z0-9_-]{43}$", secret.Trim());
        Assert.Contains("cannot be shown again", said, StringComparison.Ordinal);
        var prefix = secret[..16];
        var (_, listed, _) = await RunAsync("keys", "list", "--data", _folder.Path);
        Assert.DoesNotContain(secret.Trim(), listed, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("keys", "revoke", prefix, "--data", _folder.Path)).Code);
        var (unknown, _, sentence) = await RunAsync("keys", "revoke", "sk-parley-nobody", "--data", _folder.Path);
        Assert.Equal(1, unknown);
        Assert.Contains("There is no key 'sk-parley-nobody'", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_not_fit_is_one_sentence_before_anything_is_written()
    {
        await File.WriteAllBytesAsync(_folder.File("latin.txt"), [(byte)'c', (byte)'a', (byte)'f', 0xE9, (byte)'\n']);
        await File.WriteAllTextAsync(_folder.File("empty.jsonl"), "\n");
        foreach (var (file, expected) in new[] { ("latin.txt", "is not UTF-8 text"), ("empty.jsonl", "is empty") })
        {
            var (code, _, sentence) = await RunAsync("tokenizer", "train", "--data", _folder.File(file), "--out", _folder.File("tokenizer.json"));
            Assert.Equal(1, code);
            Assert.Contains($"{_folder.File(file)} {expected}", sentence, StringComparison.Ordinal);
            var (pretrain, _, same) = await RunAsync("train", "pretrain", "--data", _folder.File(file), "--out", _folder.File("run"), "--steps", "1");
            Assert.Equal((1, true), (pretrain, same.Contains(expected, StringComparison.Ordinal)));
        }

        Assert.Equal(["empty.jsonl", "latin.txt"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_model_that_is_missing_or_no_model_is_one_sentence()
    {
        await File.WriteAllTextAsync(_folder.File("text.gguf"), "not a model");
        foreach (var file in new[] { "missing.gguf", "text.gguf" })
        {
            var (code, _, sentence) = await RunAsync("serve", "--model", _folder.File(file), "--data", _folder.Path);
            Assert.Equal(1, code);
            Assert.Contains(file, sentence, StringComparison.Ordinal);
            Assert.Single(sentence.Trim().Split('\n'));
        }
    }

    [Fact]
    public async Task An_unknown_option_is_named()
    {
        var (code, _, sentence) = await RunAsync("serve", "--modle", "x");
        Assert.Equal(1, code);
        Assert.Contains("--modle", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--threads", "0")]
    public async Task An_option_that_cannot_be_is_named(string option, string value)
    {
        var (code, _, sentence) = await RunAsync("serve", "--model", "x.gguf", "--data", _folder.Path, option, value);
        Assert.Equal(1, code);
        Assert.Single(sentence.Trim().Split('\n'));
        Assert.Contains($"'{option} {value}'", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_is_stored_listed_inspected_verified_and_quantised_by_name()
    {
        var source = _folder.File("little.gguf");
        WriteTensors(source);
        string[] store = ["--models", _folder.File("store")];
        Assert.Contains("No model is stored", (await RunAsync(["models", "list", .. store])).Out, StringComparison.Ordinal);
        var (code, said, _) = await RunAsync(["models", "import", source, .. store]);
        Assert.Equal(0, code);
        Assert.Contains("parley serve --model little", said, StringComparison.Ordinal);
        Assert.Contains("little", (await RunAsync(["models", "list", .. store])).Out, StringComparison.Ordinal);
        var inspected = (await RunAsync(["models", "inspect", "little", "--tensors", "--metadata", .. store])).Out;
        Assert.Contains("general.architecture = test", inspected, StringComparison.Ordinal);
        Assert.Contains("not servable", inspected, StringComparison.Ordinal);
        Assert.Contains("a.weight  F32   [4, 32]", inspected, StringComparison.Ordinal);
        var smaller = _folder.File("smaller.gguf");
        Assert.Contains("1 Q8_0", (await RunAsync(["models", "quantize", "little", smaller, "--type", "q8_0", .. store])).Out, StringComparison.Ordinal);
        var (verified, lines, _) = await RunAsync(["models", "verify", "little", .. store]);
        Assert.Equal((0, 3), (verified, lines.Split("ok,").Length - 1));
        await File.AppendAllTextAsync(_folder.File("store/little/little.gguf"), "x");
        (verified, lines, _) = await RunAsync(["models", "verify", "little", .. store]);
        Assert.Equal(1, verified);
        Assert.Contains("manifest says", lines, StringComparison.Ordinal);
        (code, _, var sentence) = await RunAsync(["serve", "--model", "unknown", .. store]);
        Assert.Equal(1, code);
        Assert.Contains("it holds little", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_adapter_is_trained_exported_and_merged_and_what_does_not_fit_is_one_sentence()
    {
        string At(string name) => _folder.File(name);
        await File.WriteAllLinesAsync(At("text.txt"), Enumerable.Range(0, 200).Select(i => $"the cat {i} sat on the mat and the rat sat on the cat"));
        await File.WriteAllTextAsync(At("chat.jsonl"), """{"messages": [{"role": "user", "content": "the cat?"}, {"role": "assistant", "content": "sat on the mat"}]}""");
        string[] small = ["--batch", "2", "--shards", "1", "--steps", "3", "--warmup", "1", "--threads", "1", "--sample", "the cat"];
        var said = await RunAsync(["train", "pretrain", "--data", At("text.txt"), "--vocab", "280", "--layers", "1", "--hidden", "32", "--heads", "2", "--context", "64", "--out", At("base"), .. small]);
        Assert.Equal((0, ""), (said.Code, said.Error));
        string[] tune = ["train", "sft", "--from", At("base"), "--data", At("chat.jsonl"), .. small];
        said = await RunAsync([.. tune, "--out", At("tuned"), "--lora", "4", "--lora-targets", "q,v"]);
        Assert.Equal((0, ""), (said.Code, said.Error));
        Assert.Contains("512 of an adapter are trained", said.Out, StringComparison.Ordinal); // two maps of 32 x 32 at rank 4

        var from = Directory.GetDirectories(At("base/checkpoints")).Max()!;
        foreach (var arguments in new string[][]
        {
            ["train", "export", At("tuned"), "--peft", At("peft"), "--gguf-adapter", At("lora.gguf"), "--gguf", At("merged.gguf"), "--dtype", "f32"],
            ["models", "merge", from, At("tuned"), "--out", At("merged")],
            ["models", "merge", from, At("peft"), "--out", At("again.gguf"), "--dtype", "f32"],
            ["models", "merge", from, At("lora.gguf"), "--out", At("third")],
            [.. tune.Select(word => word == At("base") ? At("merged") : word), "--out", At("more")], // a merged model is one to start from, and so is a file
            ["train", "export", At("base"), "--gguf", At("base.gguf")],
            [.. tune.Select(word => word == At("base") ? At("base.gguf") : word), "--out", At("small"), "--lora", "2"],
            ["train", "export", At("small"), "--gguf", At("small.gguf")],
            ["models", "merge", At("base.gguf"), At("small"), "--out", At("whole")],
        })
        {
            said = await RunAsync(arguments);
            Assert.Equal((0, ""), (said.Code, said.Error));
        }

        string Id(string name)
        {
            using var model = Inference.LoadedModel.Load(At(name));
            return model.Decoder.WeightsId;
        }

        Assert.Equal([Id("merged")], new[] { "merged.gguf", "again.gguf", "third" }.Select(Id).Distinct());
        foreach (var (arguments, sentence) in new (string[], string)[]
        {
            ([.. tune, "--out", At("x"), "--lora", "0"], "--lora 0 must lie between 1 and 32"),
            ([.. tune, "--out", At("x"), "--lora", "4", "--lora-targets", "head"], "--lora-targets head is no projection"),
            ([.. tune, "--out", At("x"), "--lora-alpha", "4"], "give its rank with --lora too"),
            (["train", "sft", "--from", At("tuned"), "--data", At("chat.jsonl"), "--out", At("x")], "is an adapter; fold it into its model"),
            (["train", "export", At("tuned")], "Where to?"),
            (["train", "export", At("base"), "--peft", At("x")], "holds whole weights, not an adapter"),
            (["models", "merge", At("merged"), At("tuned"), "--out", At("x")], "was trained on other weights"),
            (["models", "merge", from, At("tuned"), "--out", At("merged")], "exists already"),
        })
        {
            said = await RunAsync(arguments);
            Assert.Equal(1, said.Code);
            Assert.Contains(sentence, said.Error, StringComparison.Ordinal);
            Assert.Single(said.Error.Trim().Split('\n'));
        }

        Assert.False(Path.Exists(At("x")));
    }

    [Fact]
    public async Task Runs_are_compared_as_tables_as_json_and_as_a_page()
    {
        await File.WriteAllTextAsync(_folder.File("text.txt"), string.Concat(Enumerable.Repeat("the cat sees a red ball and runs home. ", 40)));
        string[] settings = ["--layers", "1", "--hidden", "16", "--heads", "2", "--context", "8", "--batch", "2", "--shards", "1", "--vocab", "270", "--steps", "2", "--threads", "1", "--eval-tokens", "16"];
        foreach (var (name, seed) in new[] { ("one", "1"), ("same", "1"), ("other", "2") })
        {
            var (trained, said, problem) = await RunAsync(["train", "pretrain", "--data", _folder.File("text.txt"), "--out", _folder.File(name), "--seed", seed, "--metrics-port", "0", .. settings]);
            Assert.True(trained == 0, problem);
            Assert.Contains("Metrics at http://127.0.0.1:", said, StringComparison.Ordinal);
            Assert.Contains("of peak)", said, StringComparison.Ordinal);
        }

        string[] runs = [_folder.File("one"), _folder.File("same"), _folder.File("other")];
        var (code, tables, _) = await RunAsync(["train", "compare", .. runs, "--out", _folder.File("compare.html")]);
        Assert.Equal(0, code);
        foreach (var piece in new[] { "bits per byte, best", "settings that differ", "same and one are the same run", "other and one have different settings" })
            Assert.Contains(piece, tables, StringComparison.Ordinal);
        Assert.Contains("<svg", await File.ReadAllTextAsync(_folder.File("compare.html")), StringComparison.Ordinal);
        var (_, json, _) = await RunAsync(["train", "compare", .. runs, "--json"]);
        Assert.True(System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("verdicts")[0].GetProperty("weights_equal").GetBoolean());
        var (none, _, sentence) = await RunAsync("train", "compare", _folder.File("one"), _folder.File("nowhere"));
        Assert.Equal((1, true), (none, sentence.Contains("holds no run", StringComparison.Ordinal)));
    }

    private static void WriteTensors(string path)
    {
        using var tensor = Tensor.Allocate(new Shape(4, 32));
        using var stream = File.Create(path);
        GgufWriter.Write(stream, new GgufMetadata { ["general.architecture"] = "test" }, [GgufTensorSource.Of("a.weight", tensor)]);
    }

    private static async Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments)
    {
        var (before, beforeError) = (Console.Out, Console.Error);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var tables = AnsiConsole.Console; // made when first asked for, over the writer of that moment
        try
        {
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
            Console.SetOut(output);
            Console.SetError(error);
            return (await ParleyCommand.RunAsync(arguments), output.ToString(), error.ToString());
        }
        finally
        {
            AnsiConsole.Console = tables;
            Console.SetOut(before);
            Console.SetError(beforeError);
        }
    }
}
