using Parley.Tensors;

namespace Parley.Models;

/// <summary>The same model in F32 and in memory of its own: what training asks of weights that are stored otherwise or mapped from a file.</summary>
public static class F32Copy
{
    /// <param name="decoder">Stays the caller's.</param>
    public static Decoder Of(Decoder decoder)
    {
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var parameter in decoder.Parameters)
        {
            var value = Tensor.Allocate(parameter.Value.Shape);
            value.CopyFrom(parameter.Value);
            parameters.Add(parameter.Name, new Parameter(parameter.Name, value));
        }

        return new Decoder(decoder.Config, parameters);
    }
}
