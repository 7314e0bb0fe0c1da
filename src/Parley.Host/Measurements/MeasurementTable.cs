using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Parley.Host.Measurements;

/// <summary>Prints measurements as a table for people or, with --json, as one array for programs.</summary>
internal static class MeasurementTable
{
    /// <summary>Returns the exit code: 0 when every goal is met.</summary>
    public static int Print(IReadOnlyList<Measurement> rows, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(rows, MeasurementJson.Default.IReadOnlyListMeasurement));
        }
        else
        {
            AnsiConsole.Write(Table(rows));
        }

        return rows.All(row => row.Ok) ? 0 : 1;
    }

    private static Table Table(IReadOnlyList<Measurement> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("what");
        foreach (var column in new[] { "ours", "peer", "ours / peer", "limit", "% of limit", "goal" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        table.AddColumn("unit");
        table.AddColumn("");
        foreach (var row in rows)
        {
            table.AddRow(
                Markup.Escape(row.Name),
                Number(row.Ours),
                Number(row.Peer),
                Number(row.Ratio),
                Number(row.Limit),
                Number(row.Limit is > 0 ? 100 * row.Ours / row.Limit : null),
                Number(row.Goal),
                Markup.Escape(row.Unit),
                row.Ok ? "[green]ok[/]" : "[red]missed[/]");
        }

        return table;
    }

    private static string Number(double? value) => value switch
    {
        null => "",
        { } number when Math.Abs(number) >= 1000 => number.ToString("N0", CultureInfo.InvariantCulture),
        { } number => number.ToString("0.###", CultureInfo.InvariantCulture),
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<Measurement>))]
internal sealed partial class MeasurementJson : JsonSerializerContext;
