using System.CommandLine;
using Parley.Training.Reports;
using Parley.Training.Runs;

namespace Parley.Host.Verbs;

/// <summary>`parley train report RUN`: one HTML file with everything the run measured.</summary>
internal static class TrainReportVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's folder." };
        var output = new Option<string?>("--out") { Description = "The file to write; report.html in the run's folder unless given." };
        var command = new Command("report", "Draw a run's curves to one HTML file.") { run, output };
        command.SetAction(result => TrainRunner.Guard(() =>
        {
            var folder = new RunFolder(result.GetRequiredValue(run));
            var file = result.GetValue(output) ?? folder.ReportFile;
            File.WriteAllText(file, Report.Html(folder));
            Console.WriteLine(file);
        }));
        return command;
    }
}
