using System.Diagnostics;

namespace Parley.Host.Measurements;

/// <summary>This very program once more, as a child with redirected output and errors.</summary>
internal static class OwnProcess
{
    /// <param name="asks">Redirect its input too, to put questions to it.</param>
    public static Process Start(bool asks, params ReadOnlySpan<string> arguments)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = asks,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (program.EndsWith("dotnet", StringComparison.Ordinal))
        {
            start.ArgumentList.Add(typeof(OwnProcess).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
