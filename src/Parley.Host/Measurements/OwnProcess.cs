using System.Diagnostics;

namespace Parley.Host.Measurements;

/// <summary>This very program once more, as a child with redirected output and errors.</summary>
internal static class OwnProcess
{
    /// <param name="asks">Redirect its input too, to put questions to it.</param>
    public static Process Start(bool asks, params ReadOnlySpan<string> arguments)
    {
        // Inside another program, such as a test, Parley is the assembly that lies beside it.
        var isParley = Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) is "dotnet" or "parley";
        var program = isParley ? Environment.ProcessPath! : "dotnet";
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
