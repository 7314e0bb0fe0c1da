using System.CommandLine;
using Parley.Host.Benches;
using Parley.Host.Benches.Engines;
using Parley.Host.Benches.Tokenizers;
using Parley.Host.Benches.Training;
using Parley.Host.Drills;
using Parley.Host.Drills.Resuming;
using Parley.Host.Measurements;

namespace Parley.Host.Verbs;

/// <summary>The verbs <c>parley bench</c> and <c>parley drill</c>: run one exercise by name, or list (drill) or run (bench) all.</summary>
internal static class ExerciseVerb
{
    public static Command CreateBench() =>
        Create(
            "bench",
            "Measure: ours beside the peer's, and the machine's limit.",
            runsAll: true,
            [
                new MatMulExercise(), new Int8Exercise(), new AttentionExercise(), new MasksExercise(), new ServingExercise(), new EngineExercise(),
                new TokenizerExercise(), new TrainingExercise(),
            ]);

    public static Command CreateDrill() =>
        Create("drill", "The longer proofs.", runsAll: false, [new KillChatDrill(), new FuzzReadersDrill(), new FuzzApiDrill(), new ResumeDrill()]);

    private static Command Create(string verb, string description, bool runsAll, IReadOnlyList<IExercise> exercises)
    {
        var list = string.Join('\n', exercises.Select(exercise => $"  {exercise.Name}: {exercise.Description}"));
        var name = new Argument<string?>("name")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = $"Which one:\n{list}",
        };
        var json = new Option<bool>("--json") { Description = "Print an array of {name, unit, ours, peer, ratio, limit, goal, ok} instead of a table." };
        var model = new Option<string?>("--model") { Description = "A .gguf file or checkpoint folder instead of the bundled model; for engine, one of its shapes." };
        var rounds = new Option<int?>("--rounds") { Description = "How often to repeat." };
        var seed = new Option<ulong>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 1 };
        var quant = new Option<string?>("--quant") { Description = "The storage type of the weights, where an exercise offers several." };
        var all = new Option<bool>("--all") { Description = "The whole matrix of an exercise instead of the usual part." };
        var seconds = new Option<int?>("--seconds") { Description = "How long to go on, where an exercise is boxed by time." };
        var withoutPeer = new Option<bool>("--no-peer") { Description = "Parley alone, without the program it is compared with." };
        var command = new Command(verb, description) { name, json, model, rounds, seed, quant, all, seconds, withoutPeer };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new ExerciseOptions(parsed.GetValue(model), parsed.GetValue(rounds), parsed.GetValue(seed))
            {
                Quant = parsed.GetValue(quant),
                All = parsed.GetValue(all),
                Seconds = parsed.GetValue(seconds),
                WithoutPeer = parsed.GetValue(withoutPeer),
            };
            var chosen = Choose(parsed.GetValue(name), exercises, runsAll);
            if (chosen.Count == 0)
            {
                Console.Error.WriteLine($"Name one of these:\n{list}");
                return 1;
            }

            var rows = new List<Measurement>();
            foreach (var exercise in chosen)
            {
                rows.AddRange(await exercise.RunAsync(options, cancellationToken));
            }

            return MeasurementTable.Print(rows, parsed.GetValue(json));
        });
        return command;
    }

    private static IReadOnlyList<IExercise> Choose(string? name, IReadOnlyList<IExercise> exercises, bool runsAll) =>
        name is null
            ? runsAll ? exercises : []
            : [.. exercises.Where(exercise => exercise.Name == name)];
}
