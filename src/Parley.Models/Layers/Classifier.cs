using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// R first rows, D hidden.

/// <summary>The classification head of a cross-encoder: scores(tanh(dense(x))), or scores(x) without the dense layer.</summary>
internal sealed class Classifier(ModelConfig config, ParameterMap parameters)
{
    private readonly Projection? _dense = config.ClassifierDense ? parameters.Projection("dense") : null;
    private readonly Projection _scores = parameters.Projection("scores");

    public Tensor Forward(Operations ops, Tensor x) // [R, D] -> [R, classes]
    {
        if (_dense is { } dense)
        {
            x = ops.SoftCap(ops.Linear(x, dense.Weight, dense.Bias), 1); // a cap of 1 is tanh
        }

        return ops.Linear(x, _scores.Weight, _scores.Bias);
    }
}
