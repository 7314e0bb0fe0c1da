using System.Threading.Channels;

namespace Parley.Inference;

/// <summary>
/// The way from the engine's thread to one reader: the outputs of all choices of a request in the order they were sampled. It completes
/// when the last choice has ended.
/// </summary>
internal sealed class OutputStream(int choices)
{
    private readonly Channel<EngineOutput> _channel =
        Channel.CreateUnbounded<EngineOutput>(new() { SingleReader = true, SingleWriter = true });

    private int _open = choices;

    public ChannelReader<EngineOutput> Reader => _channel.Reader;

    public void Write(in EngineOutput output)
    {
        _channel.Writer.TryWrite(output);
        if (output.Finish is not null && --_open == 0)
        {
            _channel.Writer.TryComplete();
        }
    }

    public void Fail(Exception error) => _channel.Writer.TryComplete(error);
}
