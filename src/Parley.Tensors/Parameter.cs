namespace Parley.Tensors;

/// <summary>
/// A named weight: its value, its gradient when it is trained, and a version that rises with every change, by which a
/// device knows whether its private packed copy is stale. Owns its tensors.
/// </summary>
public sealed class Parameter(string name, Tensor value) : IDisposable
{
    public string Name { get; } = name;

    public Tensor Value { get; } = value;

    /// <summary>The sum of gradients since it was last cleared; null until <see cref="RequireGradient"/>.</summary>
    public Tensor? Gradient { get; private set; }

    /// <summary>
    /// Set for the output head: no layer follows that would amplify how its input is rounded, so coarser rounding does. To be set before the first product.
    /// </summary>
    public bool IsLast { get; set; }

    /// <summary>Rises with <see cref="MarkChanged"/>.</summary>
    public int Version { get; private set; }

    /// <summary>The device's own layout of the value, with the version it was made from; guarded by a lock on this object.</summary>
    internal IDisposable? Prepared { get; set; }

    /// <summary>Allocates the gradient (F32, zeroed, same shape) unless it exists.</summary>
    public Tensor RequireGradient() => Gradient ??= Tensor.AllocateLongLived(Value.Shape);

    /// <summary>To be called after the value was written: an optimiser step, a weight swap.</summary>
    public void MarkChanged() => Version++;

    public void Dispose()
    {
        Prepared?.Dispose();
        Prepared = null;
        Gradient?.Dispose();
        Value.Dispose();
    }

    public override string ToString() => $"{Name} {Value}";
}
