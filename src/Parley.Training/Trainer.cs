using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;
using Parley.Tensors.Optimizers;
using Parley.Training.Batches;
using Parley.Training.Optimization;

namespace Parley.Training;

/// <summary>
/// One training step after another: forward and backward of every logical shard, one fixed tree of gradient sums, clipping, AdamW or Muon. Equal
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
    private readonly AdamW _adam;
    private readonly Muon _muon;

    /// <summary>Trains all of a decoder's weights.</summary>
    public Trainer(Decoder decoder, IBatchSource source, TrainerOptions options, ComputeContext context)
        : this(new TrainableModel(decoder), source, options, context)
    {
    }

    /// <param name="model">Stays the caller's.</param>
    /// <exception cref="ArgumentException">A running average of an adapter is asked for.</exception>
    public Trainer(TrainableModel model, IBatchSource source, TrainerOptions options, ComputeContext context)
    {
        (Model, _source, Options, _context) = (model, source, options, context);
        _math = new TensorMath(context);
        _operations = new Operations(context, _arena, _tape);
        _tree = new GradientTree(model.Parameters, _math);
        (_adam, _muon) = (new AdamW(context), new Muon(context));
        State = new OptimizerState(model, options.Optimizer);
        if (options.AverageDecay > 0 && model.Adapter is not null) throw new ArgumentException("A running average is kept of whole weights, not of an adapter.", nameof(options));
        Average = options.AverageDecay > 0 ? new WeightAverage(model.Decoder, options.AverageDecay) : null;
        Monitor = new LossMonitor(options.SpikeFactor);
    }

    public TrainableModel Model { get; }

    public Decoder Decoder => Model.Decoder;

    public TrainerOptions Options { get; set; }

    public ComputeContext Context => _context;

    /// <summary>The optimisers' moments; saved and restored with the weights.</summary>
    public OptimizerState State { get; }

    /// <summary>The running average of the weights; null without one. Saved and restored with the weights.</summary>
    public WeightAverage? Average { get; }

    /// <summary>Knows the losses of the last steps and what would be a spike.</summary>
    public LossMonitor Monitor { get; }

    /// <summary>Where the activations of a step live; between steps anyone may use it, so that an evaluation needs no memory of its own.</summary>
    public Arena Scratch => _arena;

    /// <summary>How many rows of a shard are computed together at most, unless a span has more; another number for tests.</summary>
    internal int PieceRows { get; init; } = BatchPiece.MostRows;

    /// <summary>Where the time of all steps so far went.</summary>
    public StepTimes Times { get; } = new();

    /// <summary>Runs a step, counted from 0.</summary>
    /// <exception cref="DivergedException">Loss or gradient is not finite, or the loss is a spike; the weights are unchanged.</exception>
    public StepResult Step(long step)
    {
        // 1. Read the whole step first: the loss is normalised by a count that is known before any backward pass.
        var started = Times.Now;
        var batches = Read(step);
        var scored = batches.Sum(batch => batch.Scored);
        started = Times.Add(StepPhase.Data, started);

        // 2. Each shard's gradient by itself, then into the tree.
        var loss = Accumulate(step, batches, 1f / Math.Max(1, scored), started);
        started = Times.Now;

        // 3. Look before leaping: nothing is changed by a step that is not finite or a spike. Then clip by the global norm, summed in the order of
        // the parameters.
        var norm = Math.Sqrt(Model.Parameters.Sum(parameter => _math.SquaredNorm(parameter.Gradient!)));
        if (!double.IsFinite(loss) || !double.IsFinite(norm) || loss > Monitor.Limit) throw Failure(step, batches, loss, norm);
        Monitor.Count(loss);
        if (Options.ClipNorm > 0 && norm > Options.ClipNorm) Scale((float)(Options.ClipNorm / norm));

        // 4. The optimiser; AdamW's bias correction counts steps from 1.
        var rate = Options.Schedule.At(step);
        var numbers = new AdamWStep((float)rate, Options.Beta1, Options.Beta2, Options.Epsilon, Options.WeightDecay, step + 1);
        State.Step(_adam, _muon, numbers, Options.Momentum);
        Average?.Update(_math, step);
        Times.Add(StepPhase.Optimizer, started);
        return new StepResult(loss, norm, rate, batches.Sum(batch => (long)batch.Tokens.Length), scored);
    }

    /// <summary>Looks for the place where a model that learned until now stopped giving numbers: the last step's documents go through it once more.</summary>
    /// <param name="step">The step after which it was noticed, counted from 0.</param>
    /// <param name="problem">One sentence.</param>
    public DivergedException Examine(long step, string problem)
    {
        var failure = new StepFailure(Model, _source, _math, step);
        failure.Examine(_operations, Read(step), PieceRows, (_, _) => null);
        return failure.ToException(problem, ("learning rate", $"{Options.Schedule.At(step)}"));
    }

    public void Dispose()
    {
        _tree.Dispose();
        State.Dispose();
        Average?.Dispose();
        _muon.Dispose();
        _arena.Dispose();
    }

    /// <summary>Leaves the gradient of the whole step in the parameters and returns its loss.</summary>
    private double Accumulate(long step, Batch[] batches, float scale, long started)
    {
        var loss = 0.0;
        _tree.Begin(batches.Length);
        for (var shard = 0; shard < batches.Length; shard++)
        {
            foreach (var piece in BatchPiece.Of(batches[shard], PieceRows))
            {
                _operations.Treatment = Treatment(step, shard, piece.FirstRow);
                var hidden = Model.Forward(_operations, piece.Tokens, piece.Attention);
                started = Times.Add(StepPhase.Forward, started);
                loss += Decoder.Loss(_operations, hidden, piece.Targets, piece.Weights, scale);
                started = Times.Add(StepPhase.Loss, started);
                _tape.Backward();
                started = Times.Add(StepPhase.Backward, started);
                _arena.Reset();
            }

            _tree.Push();
            started = Times.Add(StepPhase.GradientSum, started);
        }

        _tree.Finish();
        return loss;
    }

    private Batch[] Read(long step) => [.. Enumerable.Range(0, _source.Shards).Select(shard => _source.Read(step, shard))];

    private ForwardTreatment? Treatment(long step, int shard, int firstRow) => Options is { Dropout: 0, Recompute: false }
        ? null
        : new ForwardTreatment { DropoutRate = Options.Dropout, Seed = Options.Seed, Step = step, Shard = shard, FirstRow = firstRow, Recompute = Options.Recompute };

    private void Scale(float factor)
    {
        foreach (var parameter in Model.Parameters) _math.Scale(parameter.Gradient!, factor);
    }

    private DivergedException Failure(long step, Batch[] batches, double loss, double norm)
    {
        var limit = Monitor.Limit;
        var failure = new StepFailure(Model, _source, _math, step);
        failure.Examine(_operations, batches, PieceRows, (shard, row) => Treatment(step, shard, row));
        var problem = loss > limit
            ? $"Step {step} has a loss of {loss:G5}, a spike above the {limit:G5} that the last {LossMonitor.Window} steps allow; look at its documents, lower the "
                + $"learning rate ({Options.Schedule.Peak:G3}), or let it pass with --spike 0."
            : $"Step {step} gave a loss of {loss} and a gradient norm of {norm}; lower the learning rate ({Options.Schedule.Peak:G3}) or warm up longer.";
        return failure.ToException(problem, ("loss", $"{loss}"), ("gradient norm", $"{norm}"), ("learning rate", $"{Options.Schedule.At(step)}"));
    }
}
