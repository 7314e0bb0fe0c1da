using System.Globalization;
using Parley.Models;

namespace Parley.Host.Pulling;

/// <summary>
/// Downloads a model into the store: chooses the files, brings them one after the other into a hidden folder that survives an
/// interruption, opens the model once to see that it is whole, and only then gives it its name.
/// </summary>
internal sealed class ModelPull(HttpClient http, HubClient hub, Retries retries, ModelStore store, TimeProvider time)
{
    /// <summary>Told per file how many bytes are there of how many.</summary>
    public Action<string, long, long>? Progress { get; init; }

    /// <summary>Told what was chosen before it is downloaded.</summary>
    public Action<HubChoice>? Chosen { get; init; }

    /// <param name="name">What to call it; null: the repository's name and the quantisation's.</param>
    /// <exception cref="PullFailure">One sentence with the remedy.</exception>
    /// <exception cref="ModelFormatException">The name is taken or impossible, or what arrived is no model.</exception>
    public async Task<StoredModel> RunAsync(HubReference model, string? name, CancellationToken cancellationToken)
    {
        // 1. Choose, before anything is written.
        var choice = HubChoice.Of(model, await hub.ListAsync(model, cancellationToken));
        name ??= choice.ModelName;
        store.FolderOf(name);
        Chosen?.Invoke(choice);

        // 2. Download into a folder that a later run finds again.
        var folder = CreateFolder(name);
        using var alone = Lock(folder, name);
        RequireSpace(folder, choice);
        var download = new FileDownload(http, hub, retries);
        var files = new List<StoredFile>();
        foreach (var file in choice.Files)
        {
            files.Add(await download.RunAsync(model, file, folder, done => Progress?.Invoke(file.Name, done, file.Bytes), cancellationToken));
        }

        // 3. Only what belongs to it, and only if it opens.
        RemoveOthers(folder, files);
        ModelSourceFiles.Of(choice.Entry is { } entry ? Path.Combine(folder, entry) : folder);
        return new ModelImport(store, time).Adopt(folder, name, model.ToString(), choice.Entry, files);
    }

    private string CreateFolder(string name)
    {
        try
        {
            return Directory.CreateDirectory(Path.Combine(store.Folder, $".{name}.pull")).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PullFailure($"'{store.Folder}' cannot be written: {error.Message.TrimEnd('.')}. Choose another place with --models.", error);
        }
    }

    private static FileStream Lock(string folder, string name)
    {
        try
        {
            return new FileStream(folder + ".lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error)
        {
            throw new PullFailure($"Another process is pulling '{name}'; wait for it, or give another name with --name.", error);
        }
    }

    private static void RequireSpace(string folder, HubChoice choice)
    {
        var present = Directory.EnumerateFiles(folder).Sum(path => new FileInfo(path).Length);
        var (needed, free) = (choice.Bytes - present, new DriveInfo(folder).AvailableFreeSpace);
        if (needed > free)
        {
            throw new PullFailure(string.Create(
                CultureInfo.InvariantCulture,
                $"The download needs {needed / 1e6:N0} MB more, but '{folder}' has room for {free / 1e6:N0} MB; free space there, or choose another place with --models."));
        }
    }

    private static void RemoveOthers(string folder, List<StoredFile> files)
    {
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => !files.Exists(file => file.Name == Path.GetFileName(path))).ToArray())
        {
            File.Delete(path);
        }
    }
}
