using Parley.Tensors;

namespace Parley.Training.Optimization;

/// <summary>The two moments of AdamW for every parameter, in the order of the parameters. Owns its tensors.</summary>
public sealed class OptimizerState : IDisposable
{
    private const string FirstSuffix = ".first_moment";
    private const string SecondSuffix = ".second_moment";

    private readonly IReadOnlyList<Parameter> _parameters;

    public OptimizerState(IReadOnlyList<Parameter> parameters)
    {
        _parameters = parameters;
        First = [.. parameters.Select(parameter => Tensor.Allocate(parameter.Value.Shape))];
        Second = [.. parameters.Select(parameter => Tensor.Allocate(parameter.Value.Shape))];
    }

    public IReadOnlyList<Tensor> First { get; }

    public IReadOnlyList<Tensor> Second { get; }

    /// <summary>All moments by name, for a checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> Named()
    {
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var i = 0; i < _parameters.Count; i++)
        {
            named[_parameters[i].Name + FirstSuffix] = First[i];
            named[_parameters[i].Name + SecondSuffix] = Second[i];
        }

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

    public void Dispose()
    {
        foreach (var tensor in First.Concat(Second)) tensor.Dispose();
    }
}
