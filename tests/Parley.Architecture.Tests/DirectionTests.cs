using System.Xml.Linq;
using Parley.Testing;

namespace Parley.Architecture.Tests;

/// <summary>The arrows between rooms: who may know whom. A new arrow is a decision, written in docs/decisions, not a reference added in passing.</summary>
public sealed class DirectionTests
{
    /// <summary>Direct arrows; what a room reaches through them it may reference too.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Tensors"] = [],
        ["Text"] = [],
        ["Protocol"] = [],
        ["Models"] = ["Tensors"],
        ["Storage"] = ["Protocol"],
        ["Inference"] = ["Models", "Text", "Protocol"],
        ["Training"] = ["Inference", "Models", "Text"],
        ["Corpus"] = ["Text", "Protocol"],
        ["Gateway"] = ["Protocol"],
        ["Search"] = ["Protocol"],
        ["Chat"] = ["Protocol"],
        ["Insights"] = ["Protocol"],
    };

    [Fact]
    public void Every_project_references_only_the_rooms_it_may_know()
    {
        var wrong = new List<string>();
        foreach (var (room, references) in References())
        {
            if (room == "Host")
            {
                continue;
            }

            Assert.True(Allowed.ContainsKey(room), $"Parley.{room} is a new room: give it its arrows in DirectionTests and docs/path.md.");
            wrong.AddRange(references.Where(target => !Reachable(room).Contains(target)).Select(target => $"Parley.{room} -> Parley.{target}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Nothing_references_the_host()
    {
        Assert.DoesNotContain(References(), pair => pair.References.Contains("Host", StringComparer.Ordinal));
    }

    [Fact]
    public void Product_code_never_sees_a_tensor()
    {
        var wrong = SourceTree.Files
            .Where(file => file.Project is "src/Parley.Chat" or "src/Parley.Gateway" or "src/Parley.Search" or "src/Parley.Insights")
            .Where(file => file.Text.Contains("Parley.Tensors", StringComparison.Ordinal) || file.Text.Contains("Parley.Models", StringComparison.Ordinal))
            .Select(file => file.Path);
        Assert.Empty(wrong);
    }

    private static HashSet<string> Reachable(string room)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(Allowed[room]);
        while (open.TryDequeue(out var next))
        {
            if (reached.Add(next))
            {
                Array.ForEach(Allowed[next], open.Enqueue);
            }
        }

        return reached;
    }

    private static IEnumerable<(string Room, string[] References)> References() =>
        from project in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
        let references = XDocument.Load(project).Descendants("ProjectReference")
            .Select(reference => Room(reference.Attribute("Include")!.Value.Replace('\\', '/')))
        select (Room(project), references.ToArray());

    private static string Room(string path) => Path.GetFileNameWithoutExtension(path)["Parley.".Length..];
}
