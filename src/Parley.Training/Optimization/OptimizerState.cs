using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Optimizers;

namespace Parley.Training.Optimization;

/// <summary>
/// What the optimisers remember between steps, and who steps which parameter: AdamW's two moments, and with Muon one momentum for each matrix
/// inside a layer. Owns its tensors.
/// </summary>
public sealed class OptimizerState : IDisposable
{
    private const string FirstSuffix = ".first_moment";
    private const string SecondSuffix = ".second_moment";
    private const string MomentumSuffix = ".momentum";

    private readonly Parameter[] _plain;
    private readonly Parameter[] _matrices;
    private readonly Tensor[] _first, _second, _momenta;

    public OptimizerState(TrainableModel model, OptimizerKind kind)
    {
        var hidden = kind == OptimizerKind.Muon ? HiddenMatrices(model.Config) : [];
        _matrices = [.. model.Parameters.Where(parameter => hidden.Contains(parameter.Name))];
        _plain = [.. model.Parameters.Where(parameter => !hidden.Contains(parameter.Name))];
        (_first, _second, _momenta) = (Zeros(_plain), Zeros(_plain), Zeros(_matrices));
    }

    /// <summary>All moments by name, for a checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> Named()
    {
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var i = 0; i < _plain.Length; i++)
        {
            named[_plain[i].Name + FirstSuffix] = _first[i];
            named[_plain[i].Name + SecondSuffix] = _second[i];
        }

        for (var i = 0; i < _matrices.Length; i++) named[_matrices[i].Name + MomentumSuffix] = _momenta[i];
        return named;
    }

    /// <summary>Copies moments from a checkpoint.</summary>
    /// <exception cref="InvalidDataException">One is missing or of another shape; names it.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> saved)
    {
        foreach (var (name, tensor) in Named())
        {
            if (!saved.TryGetValue(name, out var value) || value.Shape != tensor.Shape)
            {
                throw new InvalidDataException(
                    $"The checkpoint's optimiser state does not fit the model: '{name}' {tensor.Shape} is missing or has another shape.");
            }

            tensor.CopyFrom(value);
        }
    }

    /// <summary>One step of every parameter, from the gradients that lie in them.</summary>
    internal void Step(AdamW adam, Muon muon, in AdamWStep numbers, float momentum)
    {
        adam.Step(_plain, _first, _second, numbers);
        muon.Step(_matrices, _momenta, new MuonStep(numbers.LearningRate, momentum, numbers.WeightDecay));
    }

    public void Dispose()
    {
        foreach (var tensor in _first.Concat(_second).Concat(_momenta)) tensor.Dispose();
    }

    private static HashSet<string> HiddenMatrices(ModelConfig config) =>
    [
        .. from spec in ParameterLayout.Of(config)
           where spec.Layer >= 0 && spec.Role is ParameterRole.Rotated or ParameterRole.Projection or ParameterRole.Residual
           select spec.Name,
    ];

    private static Tensor[] Zeros(Parameter[] parameters) => [.. parameters.Select(parameter => Tensor.AllocateLongLived(parameter.Value.Shape))];
}
