using Parley.Host.Measurements;
using Parley.Tensors;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// The serving engine beside mainline llama.cpp on the same random-weight files of real shapes: questions alternate between the sides, so that
/// all see the same machine; medians of at least five rounds after one that warms up.
/// </summary>
internal sealed class EngineExercise : IExercise
{
    private const int Threads = 2;
    private const int LeastRounds = 5;

    public string Name => "engine";

    public string Description =>
        "the whole engine beside llama.cpp: prefill, decode, 16 sequences, first tokens, memory, load (Qwen3-0.6B in Q8_0 and Q4_0: under 20 minutes; --model, --quant, --all)";

    public async Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var peer = options.WithoutPeer ? null : await LlamaPackage.InstallAsync(cancellationToken);
        var rows = new List<Measurement>();
        foreach (var shape in Shapes(options))
        {
            foreach (var type in Types(options))
            {
                var path = BenchModel.Write(shape, type);
                var measured = await new EngineRounds(shape, type, path, peer, Threads).RunAsync(Math.Max(LeastRounds, options.Rounds ?? LeastRounds), cancellationToken);
                foreach (var row in measured) Console.Error.WriteLine(MeasurementTable.Line(row));
                rows.AddRange(measured);
            }
        }

        return rows;
    }

    private static IEnumerable<BenchShape> Shapes(ExerciseOptions options) => options switch
    {
        { Model: { } name } => [BenchShape.All.FirstOrDefault(shape => shape.Name == name)
            ?? throw new InvalidDataException($"'{name}' is no shape of the bench; name one of: {string.Join(", ", BenchShape.All.Select(shape => shape.Name))}.")],
        { All: true } => BenchShape.All,
        _ => BenchShape.All.Take(1),
    };

    private static IEnumerable<string> Types(ExerciseOptions options) => options switch
    {
        { Quant: { } name } => [BenchModel.Types.FirstOrDefault(type => string.Equals(type, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidDataException($"'{name}' is no storage type of the bench; name one of: {string.Join(", ", BenchModel.Types)}.")],
        { All: true } => BenchModel.Types,
        _ => BenchModel.Types.Take(2),
    };
}
