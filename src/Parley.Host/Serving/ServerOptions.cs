using Parley.Protocol.Errors;
using Parley.Tensors;

namespace Parley.Host.Serving;

/// <summary>How a server is to run. Immutable; the command line or a test makes it.</summary>
internal sealed record ServerOptions
{
    public const int DefaultSpeculativeTokens = 4;

    /// <summary>What to serve; the first is the default model.</summary>
    public required IReadOnlyList<ModelSource> Models { get; init; }

    /// <summary>Adapters of the default model, served from the start.</summary>
    public IReadOnlyList<AdapterSource> Adapters { get; init; } = [];

    /// <summary>Callers may load adapters from here while the server runs; null: from nowhere.</summary>
    public string? AdapterFolder { get; init; }

    public required string DataFolder { get; init; }

    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Threads that compute; null: one per core.</summary>
    public int? Threads { get; init; }

    /// <summary>How products with quantised weights are computed.</summary>
    public Arithmetic Arithmetic { get; init; } = Arithmetic.Fast;

    /// <summary>How the engines keep keys and values.</summary>
    public DType CacheDType { get; init; } = DType.F16;

    /// <summary>Tokens of one sequence that an engine guesses ahead, at most.</summary>
    public int SpeculativeTokens { get; init; } = DefaultSpeculativeTokens;

    /// <summary>Callers on this machine need no key.</summary>
    public bool AllowLoopbackWithoutKey { get; init; }

    /// <summary>Folder of the built page; null: wwwroot beside the program or in the checkout.</summary>
    public string? PageFolder { get; init; }

    public Parley.Gateway.Limits.LimitOptions Limits { get; init; } = new();
}

/// <summary>An adapter's place on disk and the name callers use.</summary>
internal sealed record AdapterSource(string Name, string Path)
{
    /// <summary>Reads NAME=PATH.</summary>
    public static AdapterSource Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < text.Length - 1
            ? new AdapterSource(text[..equals], text[(equals + 1)..])
            : throw ParleyException.InvalidRequest($"'--adapter {text}' must be NAME=PATH.", "adapter");
    }
}

/// <summary>A model's place on disk and the name callers use; null: the file's own.</summary>
internal sealed record ModelSource(string Path, string? Id)
{
    /// <summary>Reads PATH or PATH=ID.</summary>
    public static ModelSource Parse(string text)
    {
        var equals = text.LastIndexOf('=');
        var source = equals < 0 ? new ModelSource(text, null) : new ModelSource(text[..equals], text[(equals + 1)..]);
        return source.Path.Length > 0 && source.Id is not ""
            ? source
            : throw ParleyException.InvalidRequest($"'--model {text}' must be PATH or PATH=ID.", "model");
    }
}
