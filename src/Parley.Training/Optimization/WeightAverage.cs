using Parley.Models;
using Parley.Tensors;

namespace Parley.Training.Optimization;

/// <summary>
/// An exponential running average of a decoder's weights (Polyak and Juditsky 1992), often better than the newest ones: average = d average + (1 - d) weights
/// after every step, with d = min(decay, (1 + step) / (10 + step)) so that the random start is soon forgotten (as TensorFlow's
/// ExponentialMovingAverage has it). A decoder of its own, so it can be evaluated. Owns it.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private const string Suffix = ".weight_average";

    private readonly Decoder _source;
    private readonly float _decay;

    public WeightAverage(Decoder source, float decay)
    {
        (_source, _decay) = (source, decay);
        Decoder = F32Copy.Of(source);
    }

    /// <summary>A model with the averaged weights.</summary>
    public Decoder Decoder { get; }

    /// <summary>The averages by name, for a checkpoint.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Named() => Decoder.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name + Suffix, parameter.Value));

    /// <summary>Copies the averages of a checkpoint.</summary>
    /// <exception cref="InvalidDataException">One is missing or of another shape; names it.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> saved) => CopyTo(saved, Decoder);

    /// <summary>Puts the averages that a checkpoint holds in place of a decoder's weights.</summary>
    /// <exception cref="InvalidDataException">One is missing or of another shape; names it.</exception>
    public static void CopyTo(IReadOnlyDictionary<string, Tensor> saved, Decoder decoder)
    {
        foreach (var parameter in decoder.Parameters)
        {
            if (!saved.TryGetValue(parameter.Name + Suffix, out var value) || value.Shape != parameter.Value.Shape)
            {
                throw new InvalidDataException(
                    $"The checkpoint holds no running average of '{parameter.Name}'; train with --ema, or do without the average.");
            }

            parameter.Value.CopyFrom(value);
            parameter.MarkChanged();
        }
    }

    /// <summary>Takes in the weights as they stand after a step, counted from 0.</summary>
    internal void Update(TensorMath math, long step)
    {
        var decay = Math.Min(_decay, (1f + step) / (10f + step));
        for (var i = 0; i < _source.Parameters.Count; i++)
        {
            var average = Decoder.Parameters[i];
            math.Scale(average.Value, decay);
            math.AddScaled(average.Value, _source.Parameters[i].Value, 1 - decay);
            average.MarkChanged();
        }
    }

    public void Dispose() => Decoder.Dispose();
}
