using System.CommandLine;
using System.Globalization;
using Parley.Models;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>The verb <c>parley models list</c>: what is stored.</summary>
internal static class ModelsListVerb
{
    public static Command Create()
    {
        var models = ModelPlace.StoreFolder();
        var command = new Command("list", "List the stored models.") { models };
        command.SetAction(parsed =>
        {
            var store = ModelPlace.Store(parsed.GetValue(models));
            var stored = store.List();
            if (stored.Count == 0)
            {
                Console.Out.WriteLine($"No model is stored in {store.Folder} yet; 'parley pull' and 'parley models import' store one.");
                return 0;
            }

            Print(stored);
            return 0;
        });
        return command;
    }

    private static void Print(IReadOnlyList<StoredModel> stored)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("name", "format");
        table.AddColumn(new TableColumn("size").RightAligned());
        table.AddColumns("stored on", "from");
        foreach (var (_, manifest) in stored)
        {
            table.AddRow(
                Markup.Escape(manifest.Name),
                manifest.Entry is null ? "safetensors" : "GGUF",
                string.Create(CultureInfo.InvariantCulture, $"{manifest.Bytes / 1e6:N1} MB"),
                manifest.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                Markup.Escape(manifest.Source));
        }

        // A table that is cut to 80 columns would hide where models came from when it is piped.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        console.Profile.Width = Console.IsOutputRedirected ? 200 : console.Profile.Width;
        console.Write(table);
    }
}
