namespace Parley.Testing;

/// <summary>Finds the folders that lie beside a checkout (oracles, data). A fresh clone has none, and its tests skip with the reason.</summary>
public static class SharedData
{
    /// <summary>The folder shared/<paramref name="name"/> beside the repository, or a skip that says it is missing.</summary>
    public static string Folder(string name)
    {
        var folder = Path.Combine(Repository.Root, "..", "shared", name);
        if (!Directory.Exists(folder))
        {
            Requirement.Skip("shared", $"the folder ../shared/{name} is not beside this checkout");
        }

        return Path.GetFullPath(folder);
    }
}
