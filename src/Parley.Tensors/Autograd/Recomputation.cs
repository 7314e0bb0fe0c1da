namespace Parley.Tensors.Autograd;

/// <summary>
/// Runs a part of a model on a tape of its own and forgets what it recorded, then runs it again when its gradient is due. The second run has
/// the same inputs and the same operations as the first, so no bit differs from keeping everything.
/// </summary>
internal sealed class Recomputation(Operations outer)
{
    private readonly Tape _tape = new();
    private Operations? _operations;

    internal Tensor Run(Tensor x, Func<Operations, Tensor, Tensor> body)
    {
        var tape = outer.Tape ?? throw new InvalidOperationException("Without a tape there is no backward pass to compute anything again for.");
        var output = outer.Arena.Take(x.Shape);
        var mark = outer.Arena.Mark();
        output.CopyFrom(body(Inner(), x));
        _tape.Clear();
        outer.Arena.Release(mark);
        tape.Record(output, () => Backward(tape, x, body, output));
        return output;
    }

    private void Backward(Tape tape, Tensor x, Func<Operations, Tensor, Tensor> body, Tensor output)
    {
        if (tape.Gradient(output) is null) return;
        var target = tape.GradientFor(x, out var accumulate);
        var gradient = tape.GradientFor(output, out _); // the output's alone: the inner tape may add to it
        var mark = outer.Arena.Mark();
        _tape.Seed(body(Inner(), x), gradient);
        _tape.Run();
        if (_tape.Gradient(x) is not { } reached) throw new InvalidOperationException("What is computed again does not depend on its input.");
        if (accumulate) outer.Device.Add(target, reached, target);
        else target.CopyFrom(reached);
        _tape.Clear();
        outer.Arena.Release(mark);
    }

    private Operations Inner()
    {
        _operations ??= new Operations(outer.Context, outer.Arena, _tape);
        _operations.Treatment = outer.Treatment;
        return _operations;
    }
}
