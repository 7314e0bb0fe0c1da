using Parley.Protocol.Generation;

namespace Parley.Host.Serving;

/// <summary>What a server says when it is ready: where, with which models, and who may come in.</summary>
internal static class ServerGreeting
{
    public static void Print(ServerOptions options, Uri address, IEnumerable<IReplica> replicas)
    {
        foreach (var model in replicas.SelectMany(replica => replica.Models))
        {
            if (model.Parent is { } parent)
            {
                Console.WriteLine($"Adapter {model.Id}: of {parent}, version {Short(model.Version[(model.Version.LastIndexOf('+') + 1)..])}");
                continue;
            }

            Console.WriteLine($"Model   {model.Id}: {model.Parameters / 1e6:F1}M parameters, context {model.ContextLength}, version {Short(model.Version)}");
        }

        Console.WriteLine($"API     {new Uri(address, "/v1")}   (OpenAI-compatible)");
        Console.WriteLine(options.AllowLoopbackWithoutKey
            ? "Keys    callers on this machine need none; everybody else needs one from `parley keys create`"
            : "Keys    every caller needs one from `parley keys create`");
        Console.WriteLine($"Data    {Path.GetFullPath(options.DataFolder)}");
        Console.WriteLine($"Page    {address}");
    }

    private static string Short(string version) => version.Length > 12 ? version[..12] : version;
}
