using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// A decoder in a GGUF file of llama.cpp's. Weights stay mapped from the file, fused ones as views of their rows; except, in Llama and
/// its kin, query and key projections: their rows are brought back from llama.cpp's interleaved order to Hugging Face's halves
/// (<see cref="RotaryRows"/>), so that a model computes the same bits from a checkpoint and from its F32 export, and has the
/// same <see cref="Decoder.WeightsId"/>. Tokenizer keys pass through as metadata; Models does not know text.
/// </summary>
public sealed record GgufModel(ModelConfig Config, Decoder Decoder, GgufMetadata Metadata) : IDisposable
{
    /// <exception cref="ModelFormatException">The file cannot be read, or is not a model this decoder can compute; names file, key or tensor.</exception>
    public static GgufModel Load(string path)
    {
        using var reader = GgufReader.Open(path);
        var config = GgufConfig.Read(reader);
        var specs = ParameterLayout.Of(config);
        RequireKnownTensors(reader, config, specs);
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        try
        {
            foreach (var spec in specs)
            {
                parameters.Add(spec.Name, new Parameter(spec.Name, LoadTensor(reader, spec, config)));
            }

            return new GgufModel(config, new Decoder(config, parameters), reader.Metadata);
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

    /// <summary>
    /// Writes a file that llama.cpp can load: matrices in <paramref name="type"/> (F16 where a row is no whole number of
    /// Q8_0 blocks), norms in F32. The file appears whole or not at all.
    /// </summary>
    /// <param name="metadata">Further keys: <c>general.name</c>, <c>tokenizer.ggml.*</c>, <c>tokenizer.chat_template</c> ...</param>
    public static void Export(string path, Decoder decoder, DType type, IEnumerable<KeyValuePair<string, GgufValue>>? metadata = null)
    {
        var header = ExportMetadata(decoder.Config, type, metadata ?? []);
        var tensors = GgufExport.Tensors(decoder, type);
        DurableFiles.Replace(path, stream => GgufWriter.Write(stream, header, tensors));
    }

    public void Dispose() => Decoder.Dispose();

    private static GgufMetadata ExportMetadata(ModelConfig config, DType type, IEnumerable<KeyValuePair<string, GgufValue>> further)
    {
        var metadata = new GgufMetadata
        {
            ["general.architecture"] = ModelFamily.Of(config).GgufName,
            ["general.type"] = "model",
        };
        GgufConfigWriter.Write(config, metadata);
        metadata["general.file_type"] = type switch { DType.F32 => 0u, DType.F16 => 1u, DType.Q8_0 => 7u, _ => 32u }; // llama.h, llama_ftype
        if (type == DType.Q8_0)
        {
            metadata["general.quantization_version"] = 2u;
        }

        foreach (var (key, value) in further)
        {
            if (metadata.Contains(key))
            {
                throw new ArgumentException($"The metadata key '{key}' follows from the model; leave it out.", nameof(further));
            }

            metadata[key] = value;
        }

        return metadata;
    }

    private static void RequireKnownTensors(GgufReader reader, ModelConfig config, IReadOnlyList<ParameterSpec> specs)
    {
        var known = specs.SelectMany(spec => GgufNames.Of(spec, config)).Select(place => place.Name).ToHashSet(StringComparer.Ordinal);
        known.UnionWith([GgufNames.RopeFactors, GgufNames.ShortRopeFactors, GgufNames.LongRopeFactors]);
        if (reader.Tensors.Keys.FirstOrDefault(name => !known.Contains(name)) is { } extra)
        {
            throw reader.Metadata.Error(extra, $"this tensor has no place in a {config.Architecture} model as Parley computes it. Use another model.");
        }
    }

    private static Tensor LoadTensor(GgufReader reader, ParameterSpec spec, ModelConfig config)
    {
        var mapped = Map(reader, spec, config);
        if (spec.IsExact && mapped.DType != DType.F32)
        {
            using var small = mapped;
            mapped = Tensor.FromHost(small.Shape, small.ToArray());
        }

        if (!RotaryRows.ArePaired(spec, config))
        {
            return mapped;
        }

        using (mapped)
        {
            var halves = RotaryRows.ToHalves(mapped, config);
            mapped.Drop(); // nobody reads the file's rows again
            return halves;
        }
    }

    // A view of the file: a part of a fused tensor or of all experts' is mapped like a whole one.
    private static Tensor Map(GgufReader reader, ParameterSpec spec, ModelConfig config)
    {
        var places = GgufNames.Of(spec, config).ToArray();
        var place = Array.Find(places, place => reader.Tensors.ContainsKey(place.Name));
        place = place.Name is null ? places[^1] : place;
        if (reader.Tensors.TryGetValue(place.Name, out var info) && info.Shape != place.Whole)
        {
            throw reader.Metadata.Error(place.Name, $"has the shape {info.Shape}, but the metadata asks for {place.Whole}. Convert the model again.");
        }

        return reader.Map(place.Name, place.First, spec.Shape);
    }
}
