namespace Parley.Tensors;

/// <summary>
/// How one layer attends. Models name these in their configuration; several layers of one model may differ. It knows neither the number
/// of heads nor where keys live.
/// </summary>
/// <param name="HeadDim">Elements of a head: any number up to <see cref="HeadDims.Largest"/>.</param>
/// <param name="Scale">What q . k is multiplied by; 0 means 1 / sqrt(HeadDim).</param>
/// <param name="Window">How many positions a row sees, itself and the Window - 1 before it; 0 means all.</param>
/// <param name="SoftCap">Scaled scores become cap * tanh(score / cap) (Gemma 2, arXiv:2408.00118); 0 leaves them.</param>
/// <param name="Causal">A row sees the positions up to its own; false: all of its span, which then is the whole sequence, without a cache.</param>
public readonly record struct AttentionSettings(int HeadDim, float Scale = 0, int Window = 0, float SoftCap = 0, bool Causal = true)
{
    /// <summary>The scale in use.</summary>
    internal float ScoreScale => Scale == 0 ? 1 / MathF.Sqrt(HeadDim) : Scale;

    /// <summary>The first position that a row at <paramref name="position"/> sees.</summary>
    internal int FirstVisible(int position) => Window == 0 ? 0 : Math.Max(0, position - Window + 1);

    /// <exception cref="ArgumentException">A number is out of range; the sentence names it.</exception>
    internal void Check()
    {
        HeadDims.Check(HeadDim);
        if (!(Scale >= 0 && float.IsFinite(Scale))) throw new ArgumentException($"The attention scale {Scale} is not a positive number (or 0).");
        if (Window > 0 && !Causal) throw new ArgumentException($"The attention window {Window} needs causal attention; give 0.");
        if (Window < 0) throw new ArgumentException($"The attention window {Window} is negative; 0 means all positions.");
        if (!(SoftCap >= 0 && float.IsFinite(SoftCap))) throw new ArgumentException($"The soft cap {SoftCap} is not a positive number (or 0).");
    }
}
