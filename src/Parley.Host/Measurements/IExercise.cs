namespace Parley.Host.Measurements;

/// <summary>One named bench or drill. Says what it does on stderr while it runs; its result is rows.</summary>
internal interface IExercise
{
    string Name { get; }

    /// <summary>One line for the list: what it shows and how long it takes.</summary>
    string Description { get; }

    Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken);
}

/// <summary>What the command line sets for every exercise.</summary>
/// <param name="Model">A model file or folder instead of the bundled one.</param>
/// <param name="Rounds">How often to repeat; null takes the exercise's own number.</param>
/// <param name="Seed">Seed of everything random.</param>
internal sealed record ExerciseOptions(string? Model, int? Rounds, ulong Seed)
{
    /// <summary>The storage type of the weights, for exercises that offer several.</summary>
    public string? Quant { get; init; }

    /// <summary>The whole matrix instead of the usual part.</summary>
    public bool All { get; init; }

    /// <summary>How long to go on, for exercises that are boxed by time; null takes the exercise's own.</summary>
    public int? Seconds { get; init; }

    /// <summary>Parley alone, without the program it is compared with.</summary>
    public bool WithoutPeer { get; init; }
}
