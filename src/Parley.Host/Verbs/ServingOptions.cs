using System.CommandLine;
using Parley.Host.Serving;
using Parley.Inference;
using Parley.Protocol.Errors;
using Parley.Tensors;

namespace Parley.Host.Verbs;

/// <summary>The options that serve, up and keys share.</summary>
internal sealed class ServingOptions
{
    private const int MostThreads = 1024;

    private readonly Option<string> _host = new("--host") { Description = "Address to listen on.", DefaultValueFactory = _ => "127.0.0.1" };

    private readonly Option<int> _port = new("--port") { Description = "Port to listen on; 0 takes a free one.", DefaultValueFactory = _ => 8080 };

    private readonly Option<int?> _threads = new("--threads") { Description = "Threads that compute; default: one per core." };

    private readonly Option<Arithmetic> _arithmetic = Arithmetic();

    private readonly Option<string> _cache = CacheType.Option();

    private readonly Option<int> _speculate = new("--speculate")
    {
        Description = "Tokens guessed ahead from the text itself and checked in one step, at most; 0: none. Changes no answer.",
        DefaultValueFactory = _ => ServerOptions.DefaultSpeculativeTokens,
    };

    private readonly Option<string?> _models = ModelPlace.StoreFolder();

    private readonly Option<string[]> _adapters = new("--adapter")
    {
        Description = "NAME=PATH: serve a LoRA adapter of the default model, a .gguf file or a folder of PEFT's, under a name; may be given more than once.",
    };

    private readonly Option<string?> _adapterFolder = new("--adapter-folder") { Description = "Callers may load adapters from this folder while the server runs." };

    private readonly Option<string?> _page = new("--page") { Description = "Folder of the built page; default: wwwroot beside the program." };

    /// <summary>Where everything is kept.</summary>
    public static Option<string> DataFolder() => new("--data")
    {
        Description = "Folder that keeps keys, ledger and conversations.",
        DefaultValueFactory = _ => ".parley",
    };

    /// <summary>How products with quantised weights are computed.</summary>
    public static Option<Arithmetic> Arithmetic() => new("--arithmetic")
    {
        Description = "fast: quantised weights as integers, by activations rounded to int8; exact: all in fp32.",
        DefaultValueFactory = _ => Tensors.Arithmetic.Fast,
    };

    private Option<string> Data { get; } = DataFolder();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Data, _host, _port, _threads, _arithmetic, _cache, _speculate, _models, _adapters, _adapterFolder, _page })
        {
            command.Add(option);
        }
    }

    /// <exception cref="ParleyException">A number is out of range.</exception>
    public ServerOptions Read(ParseResult parsed) => new()
    {
        Models = [],
        DataFolder = parsed.GetRequiredValue(Data),
        Host = parsed.GetRequiredValue(_host),
        Port = Within(parsed.GetValue(_port), 0, ushort.MaxValue, "--port"),
        Threads = parsed.GetValue(_threads) is { } threads ? Within(threads, 1, MostThreads, "--threads") : null,
        Arithmetic = parsed.GetValue(_arithmetic),
        CacheDType = CacheType.Read(parsed, _cache),
        SpeculativeTokens = Within(parsed.GetValue(_speculate), 0, EngineOptions.MostSpeculativeTokens, "--speculate"),
        Adapters = [.. (parsed.GetValue(_adapters) ?? []).Select(AdapterSource.Parse)],
        AdapterFolder = parsed.GetValue(_adapterFolder),
        PageFolder = parsed.GetValue(_page),
    };

    /// <summary>What --model named: paths or stored models, each optionally =ID.</summary>
    /// <exception cref="Parley.Models.ModelFormatException">One of them is neither.</exception>
    public IReadOnlyList<ModelSource> Sources(ParseResult parsed, IEnumerable<string> named)
    {
        var store = ModelPlace.Store(parsed.GetValue(_models));
        return [.. named.Select(ModelSource.Parse).Select(source =>
        {
            var (path, name) = store.Resolve(source.Path);
            return new ModelSource(path, source.Id ?? name);
        })];
    }

    private static int Within(int value, int least, int most, string option) =>
        value >= least && value <= most ? value : throw ParleyException.InvalidRequest($"'{option} {value}' must lie between {least} and {most}.", option);
}
