namespace Parley.Models;

/// <summary>
/// A folder of models by name, each in a folder of its own with a manifest (<see cref="StoredModelManifest"/>). Models arrive
/// whole or not at all. It knows files, not what the models compute.
/// </summary>
/// <param name="folder">Need not exist yet.</param>
public sealed class ModelStore(string folder)
{
    private const int LongestName = 100;

    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>All models that are whole, by name; folders without a manifest are none.</summary>
    public IReadOnlyList<StoredModel> List() => !Directory.Exists(Folder) ? [] :
    [
        .. Directory.EnumerateDirectories(Folder)
            .Where(path => IsModelName(Path.GetFileName(path)) && File.Exists(Path.Combine(path, StoredModelManifest.FileName)))
            .Order(StringComparer.Ordinal)
            .Select(path => new StoredModel(path, StoredModelManifest.Read(path))),
    ];

    /// <summary>The model of that name; null when there is none.</summary>
    public StoredModel? Find(string name)
    {
        var path = Path.Combine(Folder, name);
        return IsModelName(name) && File.Exists(Path.Combine(path, StoredModelManifest.FileName)) ? new StoredModel(path, StoredModelManifest.Read(path)) : null;
    }

    /// <summary>What opens a model: an existing file or folder as it is, else the stored model of that name.</summary>
    /// <returns>The path for the loader, and the stored model's name.</returns>
    /// <exception cref="ModelFormatException">It is neither.</exception>
    public (string Path, string? Name) Resolve(string pathOrName)
    {
        if (!System.IO.Path.Exists(pathOrName))
        {
            return Find(pathOrName) is { } stored ? (stored.Path, stored.Manifest.Name) : throw NotFound(pathOrName);
        }

        // A stored model's own folder opens as the model does.
        return Directory.Exists(pathOrName) && File.Exists(Path.Combine(pathOrName, StoredModelManifest.FileName))
            ? (new StoredModel(Path.GetFullPath(pathOrName), StoredModelManifest.Read(pathOrName)).Path, null)
            : (pathOrName, null);
    }

    /// <summary>Where a model of this name lies or will lie.</summary>
    /// <exception cref="ModelFormatException">The name has other signs than letters, digits and <c>. _ -</c>, or is taken.</exception>
    public string FolderOf(string name)
    {
        if (!IsModelName(name))
        {
            throw new ModelFormatException(
                $"'{name}' cannot be a model's name: up to {LongestName} letters, digits and . _ - that begin with a letter or digit. Give another with --name.");
        }

        var path = Path.Combine(Folder, name);
        return !Path.Exists(path)
            ? path
            : throw new ModelFormatException($"There is a model '{name}' in '{Folder}' already; remove its folder, or give another name with --name.");
    }

    internal static bool IsPlainFileName(string name) =>
        name.Length is > 0 and < 256 && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0;

    private static bool IsModelName(string name) =>
        name.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(name[0]) && name.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '.' or '_' or '-');

    private ModelFormatException NotFound(string pathOrName)
    {
        var names = List().Select(model => model.Manifest.Name).ToArray();
        var known = names.Length == 0 ? "no model is stored there yet" : $"it holds {string.Join(", ", names.Take(20))}";
        return new ModelFormatException(
            $"'{pathOrName}' does not exist: it is no file, no folder and no model stored in '{Folder}' ({known}). Give a path, or store the model with 'parley models import' or 'parley pull'.")
        {
            File = pathOrName,
        };
    }
}

/// <summary>A model in a <see cref="ModelStore"/>.</summary>
public sealed record StoredModel(string Folder, StoredModelManifest Manifest)
{
    /// <summary>What the loader opens: the .gguf file or the folder.</summary>
    public string Path => Manifest.Entry is { } entry ? System.IO.Path.Combine(Folder, entry) : Folder;
}
