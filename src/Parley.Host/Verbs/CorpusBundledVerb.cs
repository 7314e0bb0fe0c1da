using System.CommandLine;
using Parley.Corpus.Bundled;

namespace Parley.Host.Verbs;

/// <summary>`parley corpus bundled`: the texts and dialogues of the model that comes with this repository.</summary>
internal static class CorpusBundledVerb
{
    public static Command Create()
    {
        var defaults = new BundledOptions();
        var data = new Option<string>("--data") { Description = "The folder with books/, instruct/ and SOURCES.md.", Required = true };
        var output = new Option<string>("--out") { Description = "The folder to write.", Required = true };
        var dialogues = new Option<int>("--dialogues") { Description = "Generated dialogues to add.", DefaultValueFactory = _ => defaults.GeneratedDialogues };
        var prose = new Option<bool>("--prose") { Description = "Add technical prose and Shakespeare." };
        var seed = new Option<ulong>("--seed") { Description = "What the generated dialogues follow from.", DefaultValueFactory = _ => defaults.Seed };
        var command = new Command("bundled", "Build the bundled model's corpus.") { data, output, dialogues, prose, seed };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            var options = defaults with { GeneratedDialogues = result.GetValue(dialogues), IncludeProse = result.GetValue(prose), Seed = result.GetValue(seed) };
            using var log = new StringWriter();
            BundledCorpus.BuildAsync(result.GetRequiredValue(data), result.GetRequiredValue(output), options, log, cancellationToken).GetAwaiter().GetResult();
            view.Say(log.ToString().TrimEnd());
        }));
        return command;
    }
}
