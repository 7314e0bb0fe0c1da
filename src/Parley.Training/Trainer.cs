using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;
using Parley.Tensors.Optimizers;
using Parley.Training.Batches;
using Parley.Training.Optimization;

namespace Parley.Training;

/// <summary>
/// One training step after another: forward and backward of every logical shard, one fixed tree of gradient sums, clipping, AdamW. Equal
/// weights, state, data and options give equal bits, whatever the number of threads and however often the run was interrupted. It knows
/// neither files nor clocks; <see cref="Runs.TrainingLoop"/> does.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly IBatchSource _source;
    private readonly ComputeContext _context;
    private readonly TensorMath _math;
    private readonly Arena _arena = new();
    private readonly Tape _tape = new();
    private readonly Operations _operations;
    private readonly GradientTree _tree;
    private readonly AdamW _optimizer;

    public Trainer(Decoder decoder, IBatchSource source, TrainerOptions options, ComputeContext context)
    {
        (Decoder, _source, Options, _context) = (decoder, source, options, context);
        _math = new TensorMath(context);
        _operations = new Operations(context, _arena, _tape);
        _tree = new GradientTree(decoder.Parameters, _math);
        _optimizer = new AdamW(context);
        State = new OptimizerState(decoder.Parameters);
    }

    public Decoder Decoder { get; }

    public TrainerOptions Options { get; set; }

    public ComputeContext Context => _context;

    /// <summary>The moments of AdamW; saved and restored with the weights.</summary>
    public OptimizerState State { get; }

    /// <summary>Where the time of all steps so far went.</summary>
    public StepTimes Times { get; } = new();

    /// <summary>Runs a step, counted from 0.</summary>
    /// <exception cref="DivergedException">Loss or gradient is not finite; the weights are unchanged.</exception>
    public StepResult Step(long step)
    {
        // 1. Read the whole step first: the loss is normalised by a count that is known before any backward pass.
        var started = Times.Now;
        var batches = new Batch[_source.Shards];
        for (var shard = 0; shard < batches.Length; shard++) batches[shard] = _source.Read(step, shard);
        var scored = batches.Sum(batch => batch.Scored);
        var scale = 1f / Math.Max(1, scored);
        started = Times.Add(StepPhase.Data, started);

        // 2. Each shard's gradient by itself, then into the tree.
        var loss = 0.0;
        _tree.Begin(batches.Length);
        foreach (var batch in batches)
        {
            var hidden = Decoder.Forward(_operations, batch.Tokens, batch.Attention);
            started = Times.Add(StepPhase.Forward, started);
            loss += Decoder.Loss(_operations, hidden, batch.Targets, batch.Weights, scale);
            started = Times.Add(StepPhase.Loss, started);
            _tape.Backward();
            started = Times.Add(StepPhase.Backward, started);
            _arena.Reset();
            _tree.Push();
            started = Times.Add(StepPhase.GradientSum, started);
        }

        _tree.Finish();

        // 3. Clip by the global norm, summed in the order of the parameters.
        var norm = Math.Sqrt(Decoder.Parameters.Sum(parameter => _math.SquaredNorm(parameter.Gradient!)));
        if (!double.IsFinite(loss) || !double.IsFinite(norm)) throw Diverged(step, loss, norm);
        if (Options.ClipNorm > 0 && norm > Options.ClipNorm) Scale((float)(Options.ClipNorm / norm));

        // 4. AdamW; its bias correction counts steps from 1.
        var rate = Options.Schedule.At(step);
        var numbers = new AdamWStep((float)rate, Options.Beta1, Options.Beta2, Options.Epsilon, Options.WeightDecay, step + 1);
        _optimizer.Step(Decoder.Parameters, State.First, State.Second, numbers);
        Times.Add(StepPhase.Optimizer, started);
        return new StepResult(loss, norm, rate, batches.Sum(batch => (long)batch.Tokens.Length), scored);
    }

    public void Dispose()
    {
        _tree.Dispose();
        State.Dispose();
        _arena.Dispose();
    }

    private void Scale(float factor)
    {
        foreach (var parameter in Decoder.Parameters) _math.Scale(parameter.Gradient!, factor);
    }

    private DivergedException Diverged(long step, double loss, double norm)
    {
        var broken = Decoder.Parameters.Where(parameter => !double.IsFinite(_math.SquaredNorm(parameter.Gradient!))).Select(parameter => parameter.Name);
        var report = $"""
            step            {step}
            loss            {loss}
            gradient norm   {norm}
            learning rate   {Options.Schedule.At(step)}
            not finite in   {string.Join(", ", broken)}
            data            {string.Join("; ", Enumerable.Range(0, _source.Shards).Select(shard => $"shard {shard}: {_source.Describe(step, shard)}"))}
            """;
        return new DivergedException(
            $"Step {step} gave a loss of {loss} and a gradient norm of {norm}; lower the learning rate ({Options.Schedule.Peak:G3}) or warm up longer.")
        {
            Step = step,
            Report = report,
        };
    }
}
