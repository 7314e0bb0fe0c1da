using System.CommandLine;
using System.Net;
using Parley.Host.Verbs;

namespace Parley.Host.Watching;

/// <summary>The options of every training verb that say who may watch it besides the terminal.</summary>
internal sealed class TrainWatch
{
    private readonly Option<int?> _port = new("--metrics-port")
    {
        Description = "Serve /metrics for Prometheus on this port while training; 0 takes a free one.",
    };

    private readonly Option<string> _host = VerbOption.Of(
        "--metrics-host", "The address of this machine on which /metrics listens; 0.0.0.0 for all.", "127.0.0.1");

    public void AddTo(Command command)
    {
        command.Options.Add(_port);
        command.Options.Add(_host);
    }

    /// <summary>Where to listen; null for nowhere.</summary>
    /// <exception cref="InvalidDataException">It cannot be listened there.</exception>
    public IPEndPoint? Read(ParseResult result)
    {
        if (result.GetValue(_port) is not { } port) return null;
        if (port is < 0 or > IPEndPoint.MaxPort)
            throw new InvalidDataException($"--metrics-port {port} is no port; give one up to {IPEndPoint.MaxPort}, or 0 for a free one.");
        var host = result.GetValue(_host)!;
        return IPAddress.TryParse(host, out var address)
            ? new IPEndPoint(address, port)
            : throw new InvalidDataException(
                $"--metrics-host {host} is not an address of this machine; use 127.0.0.1 (only this machine) or 0.0.0.0 (the network).");
    }
}
