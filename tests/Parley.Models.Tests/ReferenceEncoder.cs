namespace Parley.Models.Tests;

/// <summary>
/// A bert computed naively in double precision, straight from the papers (arXiv:1810.04805, arXiv:1706.03762): an oracle that shares no code with
/// the decoder. One text from position 0.
/// </summary>
internal static class ReferenceEncoder
{
    /// <summary>The last hidden state of every token, [T][D].</summary>
    public static double[][] Hidden(ModelConfig config, IReadOnlyDictionary<string, float[]> weights, int[] tokens, int[] types)
    {
        double[] W(string name) => Array.ConvertAll(weights[name], value => (double)value);
        var width = config.HiddenSize;
        double[] Row(string table, int row) => W(table)[(row * width)..((row + 1) * width)];
        var x = tokens.Select((token, position) => Add(
            Add(Row("model.embed_tokens.weight", token), Row("model.embed_positions.weight", position)), Row("model.embed_token_types.weight", types[position]))).ToArray();
        x = Norm(x, W("model.embed_norm.weight"), W("model.embed_norm.bias"), config.NormEpsilon);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            double[][] Linear(double[][] input, string name) => [.. input.Select(row => Map(row, W(prefix + name + ".weight"), W(prefix + name + ".bias")))];
            double[][] Normed(double[][] sum, string name) => Norm(sum, W(prefix + name + ".weight"), W(prefix + name + ".bias"), config.NormEpsilon);
            var attended = Attend(config, Linear(x, "self_attn.q_proj"), Linear(x, "self_attn.k_proj"), Linear(x, "self_attn.v_proj"));
            x = Normed([.. x.Zip(Linear(attended, "self_attn.o_proj"), Add)], "post_attention_layernorm");
            var inner = Linear(x, "mlp.up_proj").Select(row => Array.ConvertAll(row, value => value / 2 * (1 + Erf(value / Math.Sqrt(2))))).ToArray();
            x = Normed([.. x.Zip(Linear(inner, "mlp.down_proj"), Add)], "post_feedforward_layernorm");
        }

        return x;
    }

    /// <summary>The scores of the classification head.</summary>
    public static double[] Scores(IReadOnlyDictionary<string, float[]> weights, double[] first)
    {
        double[] W(string name) => Array.ConvertAll(weights["classifier." + name], value => (double)value);
        return Map(Array.ConvertAll(Map(first, W("dense.weight"), W("dense.bias")), Math.Tanh), W("scores.weight"), W("scores.bias"));
    }

    /// <summary>By its Maclaurin series, whose terms reach double precision for all that a test meets.</summary>
    public static double Erf(double x)
    {
        if (Math.Abs(x) > 5)
        {
            return Math.Sign(x);
        }

        double sum = 0, term = x;
        for (var n = 0; n < 120; n++)
        {
            sum += term / ((2 * n) + 1);
            term *= -x * x / (n + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static double[][] Attend(ModelConfig config, double[][] q, double[][] k, double[][] v)
    {
        var width = config.HeadDim;
        var output = q.Select(row => new double[row.Length]).ToArray();
        for (var from = 0; from < q[0].Length; from += width)
        {
            for (var t = 0; t < q.Length; t++)
            {
                var scores = k.Select(key => Enumerable.Range(from, width).Sum(i => q[t][i] * key[i]) / Math.Sqrt(width)).ToArray();
                var shares = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                for (var i = from; i < from + width; i++)
                {
                    output[t][i] = shares.Zip(v, (share, value) => share * value[i]).Sum() / shares.Sum();
                }
            }
        }

        return output;
    }

    private static double[][] Norm(double[][] x, double[] gain, double[] bias, double epsilon) => [.. x.Select(row =>
    {
        var mean = row.Average();
        var scale = 1 / Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + epsilon);
        return row.Select((value, i) => ((value - mean) * scale * gain[i]) + bias[i]).ToArray();
    })];

    private static double[] Map(double[] row, double[] weight, double[] bias) =>
        [.. bias.Select((start, n) => start + Enumerable.Range(0, row.Length).Sum(i => row[i] * weight[(n * row.Length) + i]))];

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
