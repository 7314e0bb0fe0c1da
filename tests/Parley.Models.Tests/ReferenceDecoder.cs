using Parley.Tensors;

namespace Parley.Models.Tests;

/// <summary>
/// The same model computed naively in double precision, straight from the papers' formulas: an oracle that shares no code
/// with the decoder. One sequence from position 0.
/// </summary>
internal static class ReferenceDecoder
{
    /// <summary>The logits of every position, [T][V].</summary>
    public static double[][] Logits(ModelConfig config, IReadOnlyDictionary<string, float[]> weights, int[] tokens)
    {
        var table = Doubles(weights["model.embed_tokens.weight"]);
        var x = tokens.Select(token => table[(token * config.HiddenSize)..((token + 1) * config.HiddenSize)]).ToArray(); // [T, D]
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            double[] Weight(string name) => Doubles(weights[prefix + name + ".weight"]);
            var normed = Norm(x, Weight("input_layernorm"), config.NormEpsilon);
            x = Sum(x, Linear(Attend(config, normed, Weight), Weight("self_attn.o_proj")));
            normed = Norm(x, Weight("post_attention_layernorm"), config.NormEpsilon);
            var (gate, up) = (Linear(normed, Weight("mlp.gate_proj")), Linear(normed, Weight("mlp.up_proj")));
            var inner = gate.Zip(up, (g, u) => g.Zip(u, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray()).ToArray();
            x = Sum(x, Linear(inner, Weight("mlp.down_proj")));
        }

        x = Norm(x, Doubles(weights["model.norm.weight"]), config.NormEpsilon);
        return Linear(x, config.TieEmbeddings ? table : Doubles(weights["lm_head.weight"]));
    }

    /// <summary>The mean of -log softmax(logits[t])[targets[t]] in nats.</summary>
    public static double Loss(ModelConfig config, IReadOnlyDictionary<string, float[]> weights, int[] tokens, int[] targets) =>
        Logits(config, weights, tokens).Zip(targets, (row, target) => Math.Log(row.Sum(logit => Math.Exp(logit - row.Max()))) + row.Max() - row[target]).Average();

    private static double[][] Attend(ModelConfig config, double[][] x, Func<string, double[]> weight)
    {
        var (width, group) = (config.HeadDim, config.Heads / config.KVHeads);
        var q = Rotate(config, Linear(x, weight("self_attn.q_proj")));
        var k = Rotate(config, Linear(x, weight("self_attn.k_proj")));
        var v = Linear(x, weight("self_attn.v_proj"));
        var output = x.Select(_ => new double[config.Heads * width]).ToArray();
        for (var head = 0; head < config.Heads; head++)
        {
            var (from, keyFrom) = (head * width, head / group * width);
            for (var t = 0; t < x.Length; t++)
            {
                var scores = Enumerable.Range(0, t + 1)
                    .Select(s => Enumerable.Range(0, width).Sum(i => q[t][from + i] * k[s][keyFrom + i]) / Math.Sqrt(width)).ToArray();
                var shares = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                for (var i = 0; i < width; i++)
                {
                    output[t][from + i] = shares.Select((share, s) => share * v[s][keyFrom + i]).Sum() / shares.Sum();
                }
            }
        }

        return output;
    }

    private static double[][] Rotate(ModelConfig config, double[][] x) => [.. x.Select((row, position) =>
    {
        var turned = (double[])row.Clone();
        for (var from = 0; from < row.Length; from += config.HeadDim)
        {
            for (var i = 0; i < config.HeadDim / 2; i++)
            {
                var angle = position * Math.Pow(config.RopeTheta, -2.0 * i / config.HeadDim);
                var (a, b) = config.RopeStyle == RotaryStyle.Neox ? (from + i, from + i + (config.HeadDim / 2)) : (from + (2 * i), from + (2 * i) + 1);
                turned[a] = (row[a] * Math.Cos(angle)) - (row[b] * Math.Sin(angle));
                turned[b] = (row[a] * Math.Sin(angle)) + (row[b] * Math.Cos(angle));
            }
        }

        return turned;
    })];

    private static double[][] Norm(double[][] x, double[] gain, double epsilon) => [.. x.Select(row =>
    {
        var scale = 1 / Math.Sqrt((row.Sum(value => value * value) / row.Length) + epsilon);
        return row.Zip(gain, (value, g) => value * scale * g).ToArray();
    })];

    private static double[][] Linear(double[][] x, double[] weight) => [.. x.Select(row =>
    {
        var output = new double[weight.Length / row.Length];
        for (var n = 0; n < output.Length; n++)
        {
            for (var i = 0; i < row.Length; i++)
            {
                output[n] += row[i] * weight[(n * row.Length) + i];
            }
        }

        return output;
    })];

    private static double[][] Sum(double[][] a, double[][] b) => [.. a.Zip(b, (x, y) => x.Zip(y, (p, q) => p + q).ToArray())];

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, value => (double)value);
}
