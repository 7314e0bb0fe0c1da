using Parley.Protocol.Generation;

namespace Parley.Inference.Tests;

/// <summary>From one writer to one reader: everything, in order, however far the reader lags, and every kind of end.</summary>
public sealed class OutputStreamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task NothingIsLostBetweenTwoThreads(int room)
    {
        const int count = 20_000;
        var stream = new OutputStream(1, room);
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < count; i++)
            {
                stream.Write(new() { Token = i, Finish = i == count - 1 ? FinishReason.Length : null });
            }
        });
        var next = 0;
        await foreach (var output in stream.ReadAllAsync())
        {
            Assert.Equal(next++, output.Token);
        }

        await writing;
        await stream.Completion;
        Assert.Equal(count, next);
    }

    [Fact]
    public async Task ItEndsWithItsLastChoiceAndTakesNothingAfterwards()
    {
        var stream = new OutputStream(2);
        stream.Write(new() { Finish = FinishReason.Stop });
        Assert.True(await stream.WaitToReadAsync());
        Assert.True(stream.TryRead(out _));
        var waiting = stream.WaitToReadAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        stream.Write(new() { Choice = 1, Finish = FinishReason.Length });
        stream.Write(new() { Choice = 1, Token = 5 });
        stream.Fail(new InvalidOperationException());
        Assert.True(await waiting);
        Assert.Equal(1, stream.Count);
        Assert.False(stream.Completion.IsCompleted);
        Assert.True(stream.TryRead(out var last));
        Assert.Equal(FinishReason.Length, last.Finish);
        Assert.False(await stream.WaitToReadAsync());
        Assert.True(stream.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task AFailureComesAfterWhatWasWritten()
    {
        var stream = new OutputStream(1);
        var waiting = stream.WaitToReadAsync().AsTask();
        stream.Write(new() { Token = 1 });
        stream.Fail(new InvalidOperationException("broken"));
        Assert.True(await waiting);
        Assert.True(stream.TryRead(out _));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.WaitToReadAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => stream.Completion);
        var other = new OutputStream(1);
        var waitingToFail = other.WaitToReadAsync().AsTask();
        other.Fail(new InvalidOperationException("broken"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => waitingToFail);
    }

    [Fact]
    public async Task AWaitCanBeCancelledAndBegunAgain()
    {
        var stream = new OutputStream(1);
        for (var i = 0; i < 3; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var waiting = stream.WaitToReadAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.WaitToReadAsync(cancellation.Token));
        }

        var last = stream.WaitToReadAsync().AsTask();
        stream.Write(new() { Token = 1, Finish = FinishReason.Stop });
        Assert.True(await last);
    }
}
