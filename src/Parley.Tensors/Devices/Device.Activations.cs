using Parley.Tensors.Optimizers;

namespace Parley.Tensors;

/// <content>Everything of a decoder that is not a large matrix product: embedding, norm, rotary embedding, attention, activation, loss.</content>
public abstract partial class Device
{
    /// <summary>output[t] = table[indices[t]]; the table may be stored in any dtype.</summary>
    public abstract void Gather(Tensor table, ReadOnlyMemory<int> indices, Tensor output);

    /// <summary>table[indices[t]] += rows[t], in the order of t.</summary>
    public abstract void ScatterAdd(Tensor rows, ReadOnlyMemory<int> indices, Tensor table);

    /// <summary>
    /// output = x / sqrt(mean(x^2) + epsilon) * weight by rows of the weight's length, of which x's rows may hold several (heads);
    /// inverse keeps 1 / sqrt(...) of each.
    /// </summary>
    public abstract void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor output, Tensor inverse);

    /// <summary>xGradient = or += the gradient of <see cref="RmsNorm"/> by x.</summary>
    public abstract void RmsNormInputGradient(
        Tensor outputGradient, Tensor x, Tensor weight, Tensor inverse, Tensor xGradient, bool accumulate = false);

    /// <summary>weightGradient += the gradient of <see cref="RmsNorm"/> by its weight; one chain over the rows.</summary>
    public abstract void RmsNormWeightGradient(Tensor outputGradient, Tensor x, Tensor inverse, Tensor weightGradient);

    /// <summary>output = or += each row's heads turned to its position; <paramref name="backward"/> turns back, which is the gradient.</summary>
    public abstract void Rope(
        Tensor x, int heads, RotaryTable table, ReadOnlyMemory<int> positions, Tensor output, bool backward = false, bool accumulate = false);

    /// <summary>In place: each head normalised, where there is a weight, and turned to its row's position; the bits of RmsNorm and Rope.</summary>
    public abstract void NormRope(Tensor x, int heads, Tensor? norm, float epsilon, RotaryTable table, ReadOnlyMemory<int> positions);

    /// <summary>Attention as the settings say; with a cache the batch's keys and values are appended to it first.</summary>
    public abstract void Attention(in AttentionOperands operands, AttentionBatch batch, int layer);

    /// <summary>
    /// Adds to the gradients of q, k and v. Only without a cache. <paramref name="dots"/> [T, heads] and <paramref name="packedValues"/>
    /// (shaped as the packed keys) are scratch.
    /// </summary>
    public abstract void AttentionGradient(
        in AttentionOperands operands, AttentionBatch batch, Tensor outputGradient, AttentionGradients gradients, Tensor dots, Tensor packedValues);

    /// <summary>output = silu(gate) * up.</summary>
    public abstract void SwiGlu(Tensor gate, Tensor up, Tensor output);

    /// <summary>The gradients of <see cref="SwiGlu"/>, each stored or added.</summary>
    public abstract void SwiGluGradient(
        Tensor outputGradient, Tensor gate, Tensor up, Tensor gateGradient, Tensor upGradient, (bool Gate, bool Up) accumulate);

    /// <summary>
    /// output = (x - mean) / sqrt(variance + epsilon) * weight + bias by rows; the output may be x. If given, <paramref name="statistics"/>
    /// [T, 2] receives each row's mean and 1 / sqrt(...), for the backward pass.
    /// </summary>
    public abstract void LayerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor output, Tensor? statistics = null);

    /// <summary>xGradient = or += the gradient of <see cref="LayerNorm"/> by x.</summary>
    public abstract void LayerNormInputGradient(
        Tensor outputGradient, Tensor x, Tensor weight, Tensor statistics, Tensor xGradient, bool accumulate = false);

    /// <summary>Adds the gradients of <see cref="LayerNorm"/> by weight and bias; one chain over the rows each.</summary>
    public abstract void LayerNormWeightGradient(Tensor outputGradient, Tensor x, Tensor statistics, Tensor weightGradient, Tensor biasGradient);

    /// <summary>output = gelu(gate) * up in its tanh form, or gelu(gate) without <paramref name="up"/>.</summary>
    public abstract void Gelu(Tensor gate, Tensor? up, Tensor output);

    /// <summary>output = gelu(x) in its exact form, by the error function.</summary>
    public abstract void GeluErf(Tensor x, Tensor output);

    /// <summary>The gradients of <see cref="Gelu"/>, each stored or added; <paramref name="upGradient"/> is null where up is.</summary>
    public abstract void GeluGradient(
        Tensor outputGradient, Tensor gate, Tensor? up, Tensor gateGradient, Tensor? upGradient, (bool Gate, bool Up) accumulate);

    /// <summary>target = cap * tanh(target / cap).</summary>
    public abstract void SoftCap(Tensor target, float cap);

    /// <summary>output[t] = the sum over its k of weights[t * k] * rows[places[t * k]], in that order.</summary>
    public abstract void MixExperts(Tensor rows, ReadOnlyMemory<int> places, ReadOnlyMemory<float> weights, Tensor output);

    /// <summary>output = a + b; the output may be one of them.</summary>
    public abstract void Add(Tensor a, Tensor b, Tensor output);

    /// <summary>output = a + factor * b; the output may be one of them.</summary>
    public abstract void AddScaled(Tensor a, Tensor b, float factor, Tensor output);

    /// <summary>target *= factor.</summary>
    public abstract void Scale(Tensor target, float factor);

    /// <summary>Each row becomes its softmax.</summary>
    public abstract void Softmax(Tensor rows);

    /// <summary>
    /// losses[t] = -log softmax(logits[t])[targets[t]]. The logits are overwritten: by factors[t] * (softmax - onehot), the gradient,
    /// or with no factors by exponentials of no further use.
    /// </summary>
    public abstract void CrossEntropy(Tensor logits, ReadOnlyMemory<int> targets, ReadOnlyMemory<float> factors, Memory<double> losses);

    /// <summary>The sum of squares: 16 lanes per 4,096 elements, these in order in double.</summary>
    public abstract double SquaredNorm(Tensor values);

    /// <summary>One AdamW step on a weight and its two moments.</summary>
    public abstract void AdamW(Tensor weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step);
}
