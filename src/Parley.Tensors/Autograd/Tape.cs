namespace Parley.Tensors.Autograd;

/// <summary>
/// What was computed in a forward pass, in order, and the gradients of its activations. <see cref="Backward"/> runs it in reverse, once.
/// Gradients of activations live in the arena of the <see cref="Operations"/> that records here; gradients of parameters are added to
/// <see cref="Parameter.Gradient"/>. A gradient belongs to a tensor object: a view of an activation has none of its own.
/// </summary>
public sealed class Tape
{
    private readonly List<(Tensor Output, Action Backward)> _steps = [];
    private readonly Dictionary<Tensor, Tensor> _gradients = []; // tensors compare by reference
    private readonly Dictionary<Tensor, int> _holders = []; // how many activations each gradient belongs to
    private readonly Dictionary<Shape, Stack<Tensor>> _free = []; // gradients that arrived where they were wanted

    /// <summary>How many operations are recorded.</summary>
    public int Count => _steps.Count;

    internal Arena? Arena { get; set; }

    /// <summary>Makes <paramref name="gradient"/> the gradient of <paramref name="output"/>, from which the backward pass starts.</summary>
    public void Seed(Tensor output, Tensor gradient)
    {
        if (gradient.Shape != output.Shape) throw new ArgumentException($"A gradient {gradient.Shape} does not fit a tensor {output.Shape}.");
        _gradients[output] = gradient;
        _holders[gradient] = _holders.GetValueOrDefault(gradient) + 1;
    }

    /// <summary>Runs the recorded operations backwards and forgets them. The memory of a gradient serves again once its operation has run.</summary>
    public void Backward()
    {
        Run();
        Clear();
    }

    /// <summary>Runs backwards and keeps what arrived at the inputs: a part of a larger pass, whose result is still to be read.</summary>
    internal void Run()
    {
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            _steps[i].Backward();
            Release(_steps[i].Output);
        }
    }

    /// <summary>Forgets everything recorded; needed before the arena's reset when <see cref="Backward"/> was not called.</summary>
    public void Clear()
    {
        _steps.Clear();
        _gradients.Clear();
        _holders.Clear();
        foreach (var tensors in _free.Values) tensors.Clear();
    }

    internal void Record(Tensor output, Action backward) => _steps.Add((output, backward));

    /// <summary>The gradient that has arrived at an activation; null when nothing that counts depends on it.</summary>
    internal Tensor? Gradient(Tensor activation) => _gradients.GetValueOrDefault(activation);

    /// <summary>
    /// Where to put a contribution: stored if it is the first, added if <paramref name="accumulate"/>. A gradient that is another activation's too is copied
    /// first.
    /// </summary>
    internal Tensor GradientFor(Tensor activation, out bool accumulate)
    {
        accumulate = _gradients.TryGetValue(activation, out var gradient);
        if (gradient is not null && _holders[gradient] == 1) return gradient;
        var own = Take(activation.Shape);
        if (gradient is not null)
        {
            own.CopyFrom(gradient);
            _holders[gradient]--;
        }

        Seed(activation, own);
        return own;
    }

    /// <summary>Where to add a contribution, zeroed at first, for operations that only add.</summary>
    internal Tensor GradientToAddTo(Tensor activation)
    {
        var gradient = GradientFor(activation, out var accumulate);
        if (!accumulate) gradient.Fill(0);
        return gradient;
    }

    private Tensor Take(Shape shape)
    {
        if (_free.TryGetValue(shape, out var tensors) && tensors.TryPop(out var used)) return used;
        return (Arena ?? throw new InvalidOperationException("This tape is not attached to any operations.")).Take(shape);
    }

    private void Release(Tensor output)
    {
        if (!_gradients.Remove(output, out var gradient) || --_holders[gradient] > 0) return;
        if (!_free.TryGetValue(gradient.Shape, out var tensors)) _free[gradient.Shape] = tensors = new Stack<Tensor>();
        tensors.Push(gradient);
    }
}
