using System.Text.RegularExpressions;

namespace Parley.Host.Tests.Conformance;

/// <summary>OpenAI's JavaScript client against the running server; each of its calls, which JavaScript/calls holds, is a test here.</summary>
[Collection(ConformanceSuite.Name)]
public sealed partial class JavaScriptCallTests(JavaScriptServers servers) : IClassFixture<JavaScriptServers>
{
    /// <summary>The calls' names, as the files declare them: known without Node.</summary>
    public static TheoryData<string> Calls { get; } =
    [
        .. Directory.GetFiles(Path.Combine(JavaScriptServers.Folder, "calls"), "*.js").Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines).Select(line => Declaration().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value),
    ];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task The_JavaScript_client_gets_what_it_asks_for(string call)
    {
        var results = await servers.ResultsAsync();
        Assert.True(results.TryGetValue(call, out var problem), $"'{call}' was not run; it must be declared at the beginning of a line.");
        Assert.True(problem is null, problem);
    }

    [Fact]
    public async Task Every_call_that_ran_is_a_test() =>
        Assert.Equal(Calls.Select(row => row.Data).Order(StringComparer.Ordinal), (await servers.ResultsAsync()).Keys.Order(StringComparer.Ordinal));

    [GeneratedRegex("""^\w+\("([^"]+)", """, RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Declaration();
}
