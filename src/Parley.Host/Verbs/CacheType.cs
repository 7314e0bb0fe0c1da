using System.CommandLine;
using Parley.Tensors;

namespace Parley.Host.Verbs;

/// <summary>The option <c>--kv-cache</c>: how keys and values are kept.</summary>
internal static class CacheType
{
    private static readonly Dictionary<string, DType> Types = new()
    {
        ["f32"] = DType.F32,
        ["f16"] = DType.F16,
        ["bf16"] = DType.BF16,
        ["q8_0"] = DType.Q8_0,
    };

    public static Option<string> Option() => new Option<string>("--kv-cache")
    {
        Description = "How keys and values are kept; q8_0 takes about half the memory of f16.",
        DefaultValueFactory = _ => "f16",
    }.AcceptOnlyFromAmong([.. Types.Keys]);

    public static DType Read(ParseResult parsed, Option<string> option) => Types[parsed.GetRequiredValue(option)];
}
