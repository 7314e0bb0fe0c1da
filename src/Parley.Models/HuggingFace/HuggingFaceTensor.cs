using Parley.Tensors;

namespace Parley.Models;

/// <summary>One tensor out of a Hugging Face folder, brought to the form that <see cref="ParameterLayout"/> asks for.</summary>
internal static class HuggingFaceTensor
{
    public static Tensor Load(SafetensorsReader reader, ParameterSpec spec, HuggingFacePlace place, ModelFamily family)
    {
        var whole = place.IsTransposed ? new Shape(place.Whole[1], place.Whole[0]) : place.Whole;
        if (reader.Entries.TryGetValue(place.Name, out var entry) && entry.Shape != whole)
        {
            throw ModelFormatException.At(
                reader.PathOf(place.Name), place.Name, null, $"has the shape {entry.Shape}, but config.json asks for {whole}. Use the config.json that belongs to it.");
        }

        if (place.IsTransposed)
        {
            return Transposed(reader, spec, place);
        }

        var mapped = reader.Map(place.Name, place.FirstRow * (spec.Shape.Rank == 1 ? 1L : spec.Shape.Last), spec.Shape);
        var lacksOne = spec.Role == ParameterRole.Norm && family.GainsLackOne;
        if (!spec.IsExact || (mapped.DType == DType.F32 && !lacksOne))
        {
            return mapped;
        }

        using (mapped)
        {
            var values = mapped.ToArray();
            for (var i = 0; lacksOne && i < values.Length; i++)
            {
                values[i] += 1;
            }

            return Tensor.FromHost(spec.Shape, values);
        }
    }

    /// <summary>Rows of [in, out] as columns; the type stays, so that no number changes.</summary>
    private static Tensor Transposed(SafetensorsReader reader, ParameterSpec spec, HuggingFacePlace place)
    {
        using var stored = reader.Map(place.Name); // [in, all outputs]
        var (outputs, inputs) = (spec.Shape[0], spec.Shape[1]);
        var values = new float[checked(outputs * inputs)];
        for (var input = 0; input < inputs; input++)
        {
            var row = stored.Rows(input, 1).ToArray();
            for (var output = 0; output < outputs; output++)
            {
                values[(output * inputs) + input] = row[place.FirstRow + output];
            }
        }

        var tensor = Tensor.Allocate(spec.Shape, stored.DType);
        tensor.CopyFrom(values);
        return tensor;
    }
}
