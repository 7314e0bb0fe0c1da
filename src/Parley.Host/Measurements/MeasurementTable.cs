using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Parley.Host.Measurements;

/// <summary>Prints measurements as a table for people or, with --json, as one array for programs.</summary>
internal static class MeasurementTable
{
    /// <summary>Wide enough for the longest name where no terminal says how wide it is.</summary>
    private const int PlainWidth = 160;

    private static readonly Column[] Columns =
    [
        new("peer", row => row.Peer),
        new("ours / peer", row => row.Ratio),
        new("limit", row => row.Limit),
        new("% of limit", row => row.Limit is > 0 ? 100 * row.Ours / row.Limit : null),
        new("goal", row => row.Goal),
    ];

    /// <summary>Returns the exit code: 0 when every goal is met.</summary>
    public static int Print(IReadOnlyList<Measurement> rows, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(rows, MeasurementJson.Default.IReadOnlyListMeasurement));
        }
        else
        {
            if (Console.IsOutputRedirected)
            {
                AnsiConsole.Profile.Width = PlainWidth;
            }

            AnsiConsole.Write(Table(rows));
        }

        return rows.All(row => row.Ok) ? 0 : 1;
    }

    /// <summary>One row in one line, for exercises that take so long that people want to see what there is.</summary>
    public static string Line(Measurement row)
    {
        var columns = Columns.Where(column => column.Value(row) is not null).Select(column => $", {column.Title} {Number(column.Value(row))}");
        return $"{row.Name}: {Number(row.Ours)} {row.Unit}{string.Concat(columns)}{(row.Ok ? "" : ", missed")}";
    }

    private static Table Table(IReadOnlyList<Measurement> rows)
    {
        // A column in which no row has anything to say is left out.
        var columns = Columns.Where(column => rows.Any(row => column.Value(row) is not null)).ToArray();
        var table = new Table().Border(TableBorder.Rounded).AddColumn("what").AddColumn(new TableColumn("ours").RightAligned());
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(column.Title).RightAligned());
        }

        table.AddColumn("unit").AddColumn("");
        foreach (var row in rows)
        {
            string[] cells =
            [
                Markup.Escape(row.Name), Number(row.Ours), .. columns.Select(column => Number(column.Value(row))), Markup.Escape(row.Unit),
                row.Ok ? "ok" : "missed",
            ];
            table.AddRow(cells);
        }

        return table;
    }

    private static string Number(double? value) => value switch
    {
        null => "",
        { } number when Math.Abs(number) >= 1000 => number.ToString("N0", CultureInfo.InvariantCulture),
        { } number => number.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private sealed record Column(string Title, Func<Measurement, double?> Value);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<Measurement>))]
internal sealed partial class MeasurementJson : JsonSerializerContext;
