using System.Globalization;

namespace Parley.Training.Stages;

/// <summary>Reads `--data web=0.7 books=0.3`: folders with the share of the rows that each gives. Without weights the folders are one long text.</summary>
public static class DataWeights
{
    /// <returns>The options with bare paths, and their weights in the same order.</returns>
    /// <exception cref="InvalidDataException">Some have a weight and others have none, or a weight is not a positive number.</exception>
    public static RunOptions Split(RunOptions options)
    {
        var parts = options.Data.Select(Split).ToArray();
        if (parts.All(part => part.Weight is null)) return options;
        if (parts.FirstOrDefault(part => part.Weight is null).Path is { } bare)
            throw new InvalidDataException($"{bare} has no weight and other data has; give every --data one, such as {bare}=0.5.");
        return options with { Data = [.. parts.Select(part => part.Path)], Weights = [.. parts.Select(part => part.Weight!.Value)] };
    }

    private static (string Path, double? Weight) Split(string data)
    {
        var sign = data.LastIndexOf('=');
        if (sign <= 0 || Path.Exists(data)) return (data, null);
        return double.TryParse(data.AsSpan(sign + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && double.IsFinite(weight) && weight > 0
            ? (data[..sign], weight)
            : throw new InvalidDataException($"The weight in '{data}' is not a positive number; write it as in {data[..sign]}=0.7.");
    }
}
