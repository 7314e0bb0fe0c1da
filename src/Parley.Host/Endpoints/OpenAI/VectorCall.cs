using Parley.Gateway.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>A request for vectors, from its inputs to the vectors in their order.</summary>
internal sealed class VectorCall
{
    private VectorCall(int count) => Vectors = new IReadOnlyList<float>[count];

    /// <summary>One for each input.</summary>
    public IReadOnlyList<float>[] Vectors { get; }

    public Usage Usage { get; private set; } = new(0, 0);

    public static GenerationRequest ToRequest(string model, Caller caller, IReadOnlyList<GenerationInput> inputs, VectorRequest vector) => new()
    {
        ProjectId = caller.ProjectId,
        UserId = caller.UserId,
        KeyId = caller.KeyId,
        Model = model,
        Input = new GenerationInput.Many(inputs),
        Choices = inputs.Count,
        Sampling = new SamplingParams { Seed = 0 },
        MaxOutputTokens = 0,
        Vector = vector,
    };

    /// <exception cref="ParleyException">The request was refused, or failed.</exception>
    public static async Task<VectorCall> RunAsync(IReplica replica, GenerationRequest request, CancellationToken cancellationToken)
    {
        var call = new VectorCall(request.Choices);
        await foreach (var entry in replica.Generate(request, cancellationToken))
        {
            call.Add(entry);
        }

        return Array.IndexOf(call.Vectors, null) < 0
            ? call
            : throw ParleyException.Server(500, $"The model '{request.Model}' gave fewer vectors than inputs; try again.", "vectors_missing");
    }

    private void Add(GenerationEvent entry)
    {
        Usage = entry.Usage ?? Usage;
        if (entry.Kind == GenerationEventKind.Failed)
        {
            throw Wire.Failure(entry);
        }

        if (entry.Vector is { } vector)
        {
            Vectors[entry.Choice] = vector;
        }
    }
}
