using Parley.Tensors;

namespace Parley.Models;

/// <summary>Folds an adapter into the weights that it updates: W + scale * B . A, in F32; the other weights stay as they are stored.</summary>
public static class AdapterMerge
{
    /// <param name="decoder">Stays the caller's, and unchanged.</param>
    /// <param name="adapter">Of this model's shape; stays the caller's.</param>
    /// <returns>A decoder of its own memory.</returns>
    public static Decoder Merge(Decoder decoder, Adapter adapter)
    {
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        try
        {
            foreach (var parameter in decoder.Parameters)
            {
                parameters.Add(parameter.Name, new Parameter(parameter.Name, adapter.Find(parameter) is { } pair ? Merged(parameter.Value, pair) : Copy(parameter.Value)));
            }

            return new Decoder(decoder.Config, parameters);
        }
        catch
        {
            foreach (var parameter in parameters.Values)
            {
                parameter.Dispose();
            }

            throw;
        }
    }

    private static Tensor Copy(Tensor value)
    {
        var copy = Tensor.Allocate(value.Shape, value.DType);
        copy.CopyFrom(value);
        return copy;
    }

    /// <summary>In double precision: it is rounded once, to F32.</summary>
    private static Tensor Merged(Tensor weight, LowRankPair pair)
    {
        var merged = Tensor.Allocate(weight.Shape);
        var (inputs, rank) = (weight.Shape[1], pair.Rank);
        var a = pair.A.Value.ToArray();
        var sums = new double[inputs];
        var row = new float[inputs];
        for (var output = 0; output < weight.Shape[0]; output++)
        {
            Array.Clear(sums);
            var b = pair.B.Value.Rows(output, 1).ToArray();
            for (var j = 0; j < rank; j++)
            {
                for (var k = 0; k < inputs; k++)
                {
                    sums[k] += (double)b[j] * a[(j * inputs) + k];
                }
            }

            var stored = weight.Rows(output, 1).ToArray();
            for (var k = 0; k < inputs; k++)
            {
                row[k] = (float)(stored[k] + (pair.Scale * sums[k]));
            }

            merged.Rows(output, 1).CopyFrom(row);
        }

        return merged;
    }
}
