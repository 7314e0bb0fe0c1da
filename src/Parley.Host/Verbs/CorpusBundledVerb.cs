using System.CommandLine;
using Parley.Corpus.Bundled;

namespace Parley.Host.Verbs;

/// <summary>`parley corpus bundled`: the texts and dialogues of the model that comes with this repository.</summary>
internal static class CorpusBundledVerb
{
    public static Command Create()
    {
        var defaults = new BundledOptions();
        var data = VerbOption.Required("--data", "The folder with books/, instruct/ and SOURCES.md.");
        var output = VerbOption.Required("--out", "The folder to write.");
        var dialogues = VerbOption.Of("--dialogues", "Generated dialogues to add.", defaults.GeneratedDialogues);
        var prose = new Option<bool>("--prose") { Description = "Add technical prose and Shakespeare." };
        var seed = VerbOption.Of("--seed", "What the generated dialogues follow from.", defaults.Seed);
        var command = new Command("bundled", "Build the bundled model's corpus.") { data, output, dialogues, prose, seed };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            var options = defaults with
            {
                GeneratedDialogues = result.GetValue(dialogues),
                IncludeProse = result.GetValue(prose),
                Seed = result.GetValue(seed),
            };
            using var log = new StringWriter();
            BundledCorpus.BuildAsync(result.GetRequiredValue(data), result.GetRequiredValue(output), options, log, cancellationToken).GetAwaiter().GetResult();
            view.Say(log.ToString().TrimEnd());
        }));
        return command;
    }
}
