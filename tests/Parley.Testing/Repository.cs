namespace Parley.Testing;

/// <summary>Where the checkout is, found from the test's own binary.</summary>
public static class Repository
{
    /// <summary>The folder that holds Parley.slnx.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Parley.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Parley.slnx above {AppContext.BaseDirectory}; run the tests from inside a checkout.");
    }
}
