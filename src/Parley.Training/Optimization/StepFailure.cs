using System.Globalization;
using System.Text;
using Parley.Tensors;
using Parley.Tensors.Autograd;
using Parley.Training.Batches;

namespace Parley.Training.Optimization;

/// <summary>
/// Finds out why a step failed and writes it down: values, the layer, the documents. It computes the step's forward passes again with someone
/// looking on, which a healthy step never pays for. The weights must be those before the step, the gradients still there.
/// </summary>
internal sealed class StepFailure(TrainableModel model, IBatchSource source, TensorMath math, long step)
{
    private readonly List<(Batch Batch, double Loss, string? Layer)> _shards = [];

    /// <summary>Runs the shards forward once more, in the same pieces, each with the treatment it had.</summary>
    /// <param name="treatment">Of a shard's piece, which is named by its first row.</param>
    public void Examine(Operations operations, IReadOnlyList<Batch> batches, int pieceRows, Func<int, int, ForwardTreatment?> treatment)
    {
        for (var shard = 0; shard < batches.Count; shard++)
        {
            string? first = null;
            var loss = 0.0;
            var batch = batches[shard];
            foreach (var piece in BatchPiece.Of(batch, pieceRows))
            {
                var watched = treatment(shard, piece.FirstRow) ?? new ForwardTreatment();
                operations.Treatment = watched with { Probe = (layer, x) => first ??= IsFinite(x) ? null : NameOf(layer) };
                var hidden = model.Forward(operations, piece.Tokens, piece.Attention);
                loss += model.Decoder.Loss(operations, hidden, piece.Targets, piece.Weights, 1f / Math.Max(1, batch.Scored));
                operations.Tape?.Clear();
                operations.Arena.Reset();
            }

            _shards.Add((batch, loss, first ?? (double.IsFinite(loss) ? null : "the final norm or the output head")));
        }

        operations.Treatment = null;
    }

    /// <summary>The exception to throw.</summary>
    /// <param name="problem">One sentence.</param>
    /// <param name="values">What else is known, name and value.</param>
    public DivergedException ToException(string problem, params ReadOnlySpan<(string Name, string Value)> values)
    {
        var report = new StringBuilder();
        Line(report, "problem", problem);
        Line(report, "step", step.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in values) Line(report, name, value);
        Line(report, "layer", Layer());
        foreach (var (shard, (_, loss, _)) in _shards.Index().OrderByDescending(entry => double.IsFinite(entry.Item.Loss) ? entry.Item.Loss : double.MaxValue))
        {
            Line(report, "data", string.Create(CultureInfo.InvariantCulture, $"shard {shard}: {source.Describe(step, shard)} (loss {loss:G6})"));
        }

        return new DivergedException(problem) { Step = step, Report = report.ToString() };
    }

    private static void Line(StringBuilder report, string name, string value) => report.Append(CultureInfo.InvariantCulture, $"{name,-16}{value}\n");

    private static string NameOf(int layer) => layer < 0 ? "the embedding" : string.Create(CultureInfo.InvariantCulture, $"layer {layer}");

    /// <summary>Where numbers first stop being finite; for a finite loss, where the gradient is largest.</summary>
    private string Layer()
    {
        if (_shards.FirstOrDefault(entry => entry.Layer is not null) is { Layer: { } place }) return $"the first number that is not finite leaves {place}";
        var norms = model.Parameters.Select(parameter => (parameter.Name, Norm: Math.Sqrt(math.SquaredNorm(parameter.Gradient!)))).ToArray();
        var broken = norms.Where(norm => !double.IsFinite(norm.Norm)).Select(norm => norm.Name).ToArray();
        return broken.Length > 0
            ? $"forward is finite, the gradient is not, in {string.Join(", ", broken)}"
            : "largest gradients: " + string.Join(", ", norms.OrderByDescending(norm => norm.Norm).Take(3).Select(norm => $"{norm.Name} {norm.Norm:G4}"));
    }

    private bool IsFinite(Tensor x) => double.IsFinite(math.SquaredNorm(x));
}
