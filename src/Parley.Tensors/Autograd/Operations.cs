namespace Parley.Tensors.Autograd;

/// <summary>
/// What a model calls, in training and serving alike: each operation runs on the context's device, its output comes from the arena, and
/// with a tape it is recorded with its gradient. Without a tape nothing is recorded and nothing managed is allocated. Knows no model.
/// Legend: T rows, D model width, H heads of Dh elements, V vocabulary.
/// </summary>
public sealed class Operations
{
    private readonly CrossEntropyLoss _crossEntropy;
    private readonly ExpertMixture _experts;
    private readonly LowRankUpdate _lowRank;

    /// <param name="context">Device, workers and width.</param>
    /// <param name="arena">Where outputs, and gradients of activations, live until its reset.</param>
    /// <param name="tape">Records for the backward pass; null in inference.</param>
    public Operations(ComputeContext context, Arena arena, Tape? tape = null)
    {
        (Context, Arena, Tape) = (context, arena, tape);
        if (tape is not null) tape.Arena = arena;
        _crossEntropy = new(this);
        _experts = new(this);
        _lowRank = new(this);
    }

    public ComputeContext Context { get; }

    public Arena Arena { get; }

    public Tape? Tape { get; }

    /// <summary>Low-rank updates that every linear map of the batch's rows gets from here on; null: none.</summary>
    public LowRankRows? Adapters { get; set; }

    /// <summary>What training does with activations besides computing them; null in serving and evaluation.</summary>
    public ForwardTreatment? Treatment { get; set; }

    internal Device Device => Context.Device;

    internal Recomputation Recomputation => field ??= new(this);

    /// <summary>Rows of the table: [V, D], T tokens -> [T, D].</summary>
    /// <exception cref="ArgumentException">A token is not a row of the table.</exception>
    public Tensor Embedding(Parameter table, ReadOnlyMemory<int> tokens)
    {
        var output = Arena.Take(new(tokens.Length, table.Value.Shape.Last));
        Device.Gather(table.Value, tokens, output);
        if (Tape is { } tape) Gradients.Embedding(this, tape, table, tokens, output);
        return output;
    }

    /// <summary>x / sqrt(mean(x^2) + epsilon) * weight: [T, D] -> [T, D]; a weight of Dh norms each head of its own.</summary>
    public Tensor RmsNorm(Tensor x, Parameter weight, float epsilon)
    {
        var output = Arena.Take(x.Shape);
        var inverse = Arena.Take(new(checked((int)(x.Shape.Count / weight.Value.Shape.Count))));
        Device.RmsNorm(x, weight.Value, epsilon, output, inverse);
        if (Tape is { } tape) Gradients.RmsNorm(this, tape, x, weight, inverse, output);
        return output;
    }

    /// <summary>x . weight^T (+ bias): [T, K], [N, K] -> [T, N].</summary>
    public Tensor Linear(Tensor x, Parameter weight, Parameter? bias = null)
    {
        var output = Arena.Take(new(x.Shape.Rows, weight.Value.Shape[0]));
        if (Tape is null) Device.Linear(x, weight, bias, output);
        else Linear(Tape, x, (new(weight, bias), output));
        return Adapted(x, weight, output);
    }

    /// <summary>Two maps of one input, which is prepared once: [T, K] -> [T, N] of each.</summary>
    public (Tensor A, Tensor B) Linear(Tensor x, Projection a, Projection b)
    {
        var (left, right) = (Target(x, a), Target(x, b));
        if (Tape is null) Device.Linear(x, [a, b], [left, right]);
        else Linear(Tape, x, (a, left), (b, right));
        return (Adapted(x, a.Weight, left), Adapted(x, b.Weight, right));
    }

    /// <summary>Three maps of one input, which is prepared once: [T, K] -> [T, N] of each.</summary>
    public (Tensor A, Tensor B, Tensor C) Linear(Tensor x, Projection a, Projection b, Projection c)
    {
        var (first, second, third) = (Target(x, a), Target(x, b), Target(x, c));
        if (Tape is null) Device.Linear(x, [a, b, c], [first, second, third]);
        else Linear(Tape, x, (a, first), (b, second), (c, third));
        return (Adapted(x, a.Weight, first), Adapted(x, b.Weight, second), Adapted(x, c.Weight, third));
    }

    /// <summary>gelu(x . up^T) . down^T, by the tanh form: [T, K] -> [T, N].</summary>
    public Tensor GeluMlp(Tensor x, Projection up, Projection down)
    {
        if (Tape is null || Adapters is not null) return Linear(Gelu(Linear(x, up.Weight, up.Bias)), down.Weight, down.Bias);
        var raised = Target(x, up);
        Tensor activated = Arena.Take(raised.Shape), output = Target(x, down);
        Tensor? kept = Kept(x, up), keptInner = Kept(activated, down);
        Device.LinearGelu(x, up, raised, activated, kept);
        Gradients.Linear(this, Tape, x, kept, (up, raised));
        Device.Linear(activated, [down], [output], exact: true, keptInner);
        Gradients.GeluLinear(this, Tape, (raised, activated), keptInner, down, output);
        return output;
    }

    /// <summary>silu(x . gate^T) * (x . up^T), as <see cref="SwiGlu"/> of two maps of one input: [T, K] -> [T, N].</summary>
    public Tensor LinearSwiGlu(Tensor x, Projection gate, Projection up)
    {
        var (gated, raised) = Linear(x, gate, up);
        return SwiGlu(gated, raised);
    }

    /// <summary>gelu(x . gate^T) * (x . up^T), as <see cref="GeGlu"/> of two maps of one input: [T, K] -> [T, N].</summary>
    public Tensor LinearGeGlu(Tensor x, Projection gate, Projection up)
    {
        var (gated, raised) = Linear(x, gate, up);
        return GeGlu(gated, raised);
    }

    /// <summary>Turns each head to its row's position: [T, heads * Dh] -> same.</summary>
    /// <exception cref="ArgumentException">A position is beyond the table.</exception>
    public Tensor Rope(Tensor x, int heads, RotaryTable table, ReadOnlyMemory<int> positions)
    {
        var output = Arena.Take(x.Shape);
        Device.Rope(x, heads, table, positions, output);
        if (Tape is { } tape) Gradients.Rope(this, tape, x, heads, table, positions, output);
        return output;
    }

    /// <summary>
    /// Each head normalised (<see cref="RmsNorm"/> with a weight of Dh), where there is a weight, and turned (<see cref="Rope"/>): one pass,
    /// the same bits. Without a tape x itself is overwritten and returned.
    /// </summary>
    public Tensor NormRope(Tensor x, int heads, Parameter? norm, float epsilon, RotaryTable table, ReadOnlyMemory<int> positions)
    {
        if (Tape is not null) return Rope(norm is null ? x : RmsNorm(x, norm, epsilon), heads, table, positions);
        Device.NormRope(x, heads, norm?.Value, epsilon, table, positions);
        return x;
    }

    /// <summary>
    /// Attention with grouped heads: [T, H * Dh], [T, Hkv * Dh] twice -> [T, H * Dh]. With a cache the rows' keys and values are
    /// appended to their blocks first.
    /// </summary>
    /// <param name="q">Turned queries.</param>
    /// <param name="k">Turned keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="batch">Which rows belong together.</param>
    /// <param name="layer">Which layer of the cache; ignored without one.</param>
    /// <param name="headDim">Dh.</param>
    public Tensor Attention(Tensor q, Tensor k, Tensor v, AttentionBatch batch, int layer, int headDim) =>
        Attention(q, k, v, batch, layer, new AttentionSettings(headDim));

    /// <summary>As above, with a scale, a sliding window or a soft cap, or bidirectional.</summary>
    /// <exception cref="NotSupportedException">It is bidirectional and there is a tape: it has no gradient yet.</exception>
    /// <exception cref="ArgumentException">Shapes do not fit the head size, or a setting is out of range.</exception>
    public Tensor Attention(Tensor q, Tensor k, Tensor v, AttentionBatch batch, int layer, in AttentionSettings settings)
    {
        settings.Check();
        if (!settings.Causal) RequireNoTape("Bidirectional attention");
        var statistics = new Shape(q.Shape.Rows, q.Shape.Last / settings.HeadDim);
        var packed = batch.Cache is null ? Arena.Take(AttentionOperands.PackedShape(batch, k.Shape.Last)) : null;
        var operands = new AttentionOperands(q, k, v, Arena.Take(q.Shape), Arena.Take(statistics), Arena.Take(statistics), packed, settings);
        Device.Attention(operands, batch, layer);
        if (Tape is { } tape) Gradients.Attention(this, tape, operands, batch);
        return operands.Output;
    }

    /// <summary>silu(gate) * up, shapes equal.</summary>
    public Tensor SwiGlu(Tensor gate, Tensor up)
    {
        var output = Arena.Take(gate.Shape);
        Device.SwiGlu(gate, up, output);
        if (Tape is { } tape) Gradients.SwiGlu(this, tape, gate, up, output);
        return output;
    }

    /// <summary>gelu(gate) * up in GELU's tanh form, shapes equal.</summary>
    public Tensor GeGlu(Tensor gate, Tensor up)
    {
        var output = Arena.Take(gate.Shape);
        Device.Gelu(gate, up, output);
        if (Tape is { } tape) Gradients.Gelu(this, tape, gate, up, output);
        return output;
    }

    /// <summary>gelu(x) in its tanh form.</summary>
    public Tensor Gelu(Tensor x)
    {
        var output = Arena.Take(x.Shape);
        Device.Gelu(x, up: null, output);
        if (Tape is { } tape) Gradients.Gelu(this, tape, x, up: null, output);
        return output;
    }

    /// <summary>gelu(x) in its exact form, by the error function.</summary>
    /// <exception cref="NotSupportedException">There is a tape: it has no gradient yet.</exception>
    public Tensor GeluErf(Tensor x)
    {
        RequireNoTape("GELU in its exact form");
        var output = Arena.Take(x.Shape);
        Device.GeluErf(x, output);
        return output;
    }

    /// <summary>(x - mean) / sqrt(variance + epsilon) * weight + bias: [T, D] -> [T, D].</summary>
    /// <param name="x">[T, D]</param>
    /// <param name="weight">[D]</param>
    /// <param name="bias">[D]</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="inPlace">Without a tape x itself is overwritten and returned.</param>
    public Tensor LayerNorm(Tensor x, Parameter weight, Parameter bias, float epsilon, bool inPlace = false)
    {
        var output = inPlace && Tape is null ? x : Arena.Take(x.Shape);
        var statistics = Tape is null ? null : Arena.Take(new(x.Shape.Rows, 2));
        Device.LayerNorm(x, weight.Value, bias.Value, epsilon, output, statistics);
        if (Tape is { } tape) Gradients.LayerNorm(this, tape, x, (weight, bias), statistics!, output);
        return output;
    }

    /// <summary>x * factor; without a tape x itself is overwritten and returned.</summary>
    public Tensor Scale(Tensor x, float factor)
    {
        if (Tape is null)
        {
            Device.Scale(x, factor);
            return x;
        }

        var output = Arena.Take(x.Shape);
        output.CopyFrom(x);
        Device.Scale(output, factor);
        Gradients.Scale(this, Tape, x, factor, output);
        return output;
    }

    /// <summary>cap * tanh(x / cap), over x itself.</summary>
    /// <exception cref="NotSupportedException">There is a tape: it has no gradient yet.</exception>
    public Tensor SoftCap(Tensor x, float cap)
    {
        RequireNoTape("A soft cap on logits");
        Device.SoftCap(x, cap);
        return x;
    }

    /// <summary>A mixture of experts, each token through its likeliest ones: [T, D], scores [T, E] (overwritten) -> [T, D].</summary>
    /// <exception cref="NotSupportedException">There is a tape: it has no gradient yet.</exception>
    public Tensor Experts(Tensor x, Tensor scores, ReadOnlySpan<ExpertWeights> experts, ExpertRouting routing)
    {
        RequireNoTape("A mixture of experts");
        return _experts.Run(x, scores, experts, routing);
    }

    /// <summary>a + b, shapes equal. In a residual network give the stream as a: its gradient is then passed on without a copy.</summary>
    public Tensor Add(Tensor a, Tensor b)
    {
        var output = Arena.Take(a.Shape);
        Device.Add(a, b, output);
        if (Tape is { } tape) Gradients.Add(this, tape, a, b, output);
        return output;
    }

    /// <summary>
    /// stream + scale * branch, the step of a residual network. Without a tape the stream itself is overwritten and returned, so that a
    /// layer leaves nothing in the arena but what it began with.
    /// </summary>
    public Tensor Residual(Tensor stream, Tensor branch, float scale = 1)
    {
        var output = Tape is null ? stream : Arena.Take(stream.Shape);
        if (scale == 1) Device.Add(stream, branch, output);
        else Device.AddScaled(stream, branch, scale, output);
        if (Tape is { } tape) Gradients.Residual(this, tape, (stream, branch, scale), output);
        return output;
    }

    /// <summary>The rows that are wanted, in the order asked for: [T, D] -> [rows, D].</summary>
    public Tensor GatherRows(Tensor x, ReadOnlyMemory<int> rows)
    {
        var output = Arena.Take(new(rows.Length, x.Shape.Last));
        Device.Gather(x, rows, output);
        if (Tape is { } tape) Gradients.GatherRows(this, tape, x, rows, output);
        return output;
    }

    /// <summary>
    /// The sum over rows of weights[t] * -log softmax(hidden[t] . head^T)[targets[t]], times <paramref name="scale"/>; logits exist for a
    /// chunk of rows at a time only. With a tape the gradient is computed at once: the head's is added here, the hidden rows' starts
    /// <see cref="Autograd.Tape.Backward"/>.
    /// </summary>
    /// <param name="hidden">[T, D]</param>
    /// <param name="head">[V, D]</param>
    /// <param name="targets">Per row, a token id, or -1 to skip the row.</param>
    /// <param name="weights">Per row, what its loss counts; 0 skips it. Empty means 1 for all.</param>
    /// <param name="scale">What the sum is multiplied by, such as 1 / tokens.</param>
    /// <param name="rowLosses">If given, receives each row's unweighted loss in nats, 0 where skipped.</param>
    /// <param name="softCap">C: logits l become C tanh(l / C) first; 0 for as they are.</param>
    public double CrossEntropy(
        Tensor hidden, Parameter head, ReadOnlyMemory<int> targets, ReadOnlyMemory<float> weights, float scale, float[]? rowLosses = null, float softCap = 0) =>
        _crossEntropy.Run(hidden, head, targets.Span, weights.Span, scale, rowLosses, softCap);

    private void Linear(Tape tape, Tensor x, params (Projection Map, Tensor Output)[] maps)
    {
        var kept = Kept(x, [.. maps.Select(map => map.Map)]);
        Device.Linear(x, [.. maps.Select(map => map.Map)], [.. maps.Select(map => map.Output)], exact: true, kept);
        Gradients.Linear(this, tape, x, kept, maps);
    }

    /// <summary>Where the device keeps an input for the gradients of its maps' weights; null where there are none.</summary>
    private Tensor? Kept(Tensor x, params ReadOnlySpan<Projection> maps)
    {
        foreach (var map in maps)
        {
            if (map.Weight.Gradient is not null) return Arena.Take(Device.KeptShape(x.Shape));
        }

        return null;
    }

    private void RequireNoTape(string what)
    {
        if (Tape is not null) throw new NotSupportedException($"{what} has no gradient yet; such a model can be served but not trained.");
    }

    private Tensor Adapted(Tensor x, Parameter weight, Tensor output) => Adapters is { } rows ? _lowRank.Add(rows, x, weight, output) : output;

    private Tensor Target(Tensor x, Projection map) => Arena.Take(new(x.Shape.Rows, map.Weight.Value.Shape[0]));
}
