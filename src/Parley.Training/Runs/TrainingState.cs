using System.Text.Json;

namespace Parley.Training.Runs;

/// <summary>What a checkpoint remembers besides weights and moments: training_state.json.</summary>
/// <param name="Step">Finished steps; the next step has this number.</param>
/// <param name="Tokens">Input tokens seen.</param>
/// <param name="Seconds">Time spent training, over all sessions.</param>
/// <param name="BitsPerByte">The evaluation at exactly this step, when there was one.</param>
/// <param name="Run">The run's configuration as it stood, run.json's content.</param>
public sealed record TrainingState(long Step, long Tokens, double Seconds, double? BitsPerByte, RunConfig Run)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Default.TrainingState);

    /// <exception cref="InvalidDataException">The bytes are not a training state.</exception>
    public static TrainingState FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RunJson.Default.TrainingState) ?? throw new InvalidDataException("training_state.json is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"training_state.json is damaged: {error.Message}", error);
        }
    }
}
