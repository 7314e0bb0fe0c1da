using System.Globalization;
using Parley.Host.Measurements;
using Parley.Tensors;
using Parley.Tensors.Measurements;

namespace Parley.Host.Benches.Training;

/// <summary>One shape: the sides are started, their losses compared, then timed in turn, a step each, beside the machine's peak.</summary>
internal sealed class TrainingRounds(TrainingShape shape, int threads, bool withPeer) : IAsyncDisposable
{
    private const string Torch = "PyTorch";

    /// <summary>Steps whose losses are compared; they warm up too.</summary>
    private const int ComparedSteps = 3;

    /// <summary>How far losses may lie apart, relative: another order of additions, in steps that build on each other.</summary>
    private const double Tolerance = 1e-4, BFloat16Tolerance = 2e-3;

    private readonly ComputeContext _context = new(threads);
    private readonly List<TrainingSideState> _sides = [];
    private readonly List<double> _peaks = [];

    public async Task<IReadOnlyList<Measurement>> RunAsync(int rounds, CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await CompareAsync(cancellationToken);
        for (var round = 0; round < rounds; round++)
        {
            _peaks.Add(ProductPeak.Measure(_context));
            foreach (var side in _sides)
            {
                // A step whose time is not taken first: the other side's threads spin on for a while, and its data is what the caches hold.
                var step = ComparedSteps + 2 * round;
                await AskAsync(side, Step(step), cancellationToken);
                side.Seconds.Add(await AskAsync(side, Step(step + 1), cancellationToken));
            }
        }

        foreach (var side in _sides)
        {
            side.Memory = await AskAsync(side, "memory", cancellationToken);
        }

        return [.. Rows()];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var side in _sides)
        {
            await side.Process.DisposeAsync();
        }

        _context.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _sides.Add(new("fp32", StartOurs(DType.F32), shape.Goal, Tolerance));
        _sides.Add(new("bf16 products", StartOurs(DType.BF16), TrainingShape.BFloat16Goal, BFloat16Tolerance));
        if (withPeer)
        {
            _sides.Add(new($"{Torch} bf16 autocast", TorchPeer.Start(shape, threads, autocast: true), 0, 1e-2));
            _sides.Add(new(Torch, TorchPeer.Start(shape, threads, autocast: false), 0, Tolerance));
        }

        foreach (var side in _sides)
        {
            await side.Process.ReadAsync(cancellationToken);
        }
    }

    private AskedProcess StartOurs(DType products) => new(OwnProcess.Start(
        asks: true, Verbs.TrainingSideVerb.Name, "--shape", shape.Name, "--threads", threads.ToString(CultureInfo.InvariantCulture), "--products", products.ToString()));

    /// <exception cref="InvalidDataException">A side computes something else.</exception>
    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        for (var step = 0; step < ComparedSteps; step++)
        {
            foreach (var side in _sides)
            {
                await AskAsync(side, Step(step), cancellationToken);
                side.Losses.Add(await AskAsync(side, "loss", cancellationToken));
            }
        }

        foreach (var side in _sides)
        {
            var worst = side.Losses.Zip(_sides[^1].Losses, (ours, theirs) => Math.Abs(ours - theirs) / theirs).Max();
            var losses = string.Join(", ", side.Losses.Select(loss => loss.ToString("F5", CultureInfo.InvariantCulture)));
            Console.Error.WriteLine($"{shape.Name} {side.Name}: losses {losses}, at most {worst:E1} from {_sides[^1].Name}");
            if (!(worst <= side.Tolerance))
            {
                throw new InvalidDataException($"{side.Name} and {_sides[^1].Name} differ in the loss by {worst:E2}, where {side.Tolerance:E0} is allowed: no speed is printed.");
            }
        }
    }

    private IEnumerable<Measurement> Rows()
    {
        var peer = withPeer ? _sides[^1] : null;
        var peak = Rounds.Median(_peaks) * 1e9 / (shape.Operations / shape.Tokens);
        foreach (var side in _sides.Where(side => side != peer))
        {
            double ours = shape.Tokens / Rounds.Median(side.Seconds);
            double? theirs = peer is null ? null : shape.Tokens / Rounds.Median(peer.Seconds);
            yield return new(
                $"{shape.Name} {side.Name} training step", "tokens/s", ours, theirs, ours / theirs, peak, side.Goal > 0 ? side.Goal : null, theirs is null || ours / theirs >= side.Goal);
            if (side.Goal == 0)
            {
                continue; // the peer in another arithmetic: for the reader, nothing is promised
            }

            yield return new(
                $"{shape.Name} {side.Name} peak memory", "MB", side.Memory / 1e6, peer?.Memory / 1e6, peer?.Memory / side.Memory, null, peer?.Memory / 1e6, peer is null || side.Memory <= peer.Memory);
        }
    }

    private static string Step(int number) => string.Create(CultureInfo.InvariantCulture, $"step {number}");

    private static Task<double> AskAsync(TrainingSideState side, string question, CancellationToken cancellationToken) =>
        side.Process.AskAsync(question, cancellationToken);
}
