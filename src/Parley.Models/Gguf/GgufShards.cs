using System.Globalization;

namespace Parley.Models;

/// <summary>
/// A model split over files named <c>NAME-00001-of-0000N.gguf</c>, as llama.cpp's gguf-split writes them: every shard states
/// <c>split.no</c> (from 0), <c>split.count</c> and <c>split.tensors.count</c> (of all); the first also holds the model's metadata.
/// </summary>
internal static class GgufShards
{
    private const string Number = "split.no";
    private const string Count = "split.count";
    private const string TensorCount = "split.tensors.count";
    private const int MostShards = 99_999; // five digits

    /// <summary>The one file, or all shards in order.</summary>
    public static IReadOnlyList<GgufFile> Open(string path)
    {
        List<GgufFile> files = [GgufFile.Open(path)];
        try
        {
            var given = files[0];
            var count = given.Metadata.Integer(Count, 1);
            if (count is < 0 or > MostShards)
            {
                throw given.Metadata.Error(Count, $"{count} is no number of shards from 1 to {MostShards}. The file is damaged; download it again.");
            }

            if (count <= 1)
            {
                return files;
            }

            files = OpenAll(given, count, files);
            RequireWhole(files);
            return files;
        }
        catch
        {
            foreach (var file in files)
            {
                file.Dispose();
            }

            throw;
        }
    }

    private static List<GgufFile> OpenAll(GgufFile given, int count, List<GgufFile> opened)
    {
        var number = given.Metadata.Integer(Number);
        var (folder, stem) = Name(given, number, count);
        List<GgufFile> files = [];
        for (var i = 0; i < count; i++)
        {
            if (i == number)
            {
                files.Add(given);
                continue;
            }

            var path = Path.Combine(folder, FileName(stem, i, count));
            if (!File.Exists(path))
            {
                throw ModelFormatException.At(path, null, null, $"shard {i + 1} of {count} is missing. Download it into the folder of the others.");
            }

            files.Add(GgufFile.Open(path));
            opened.Add(files[i]); // so that it is closed if a later one fails
            RequireEqual(files[i], Number, i);
            RequireEqual(files[i], Count, count);
        }

        return files;
    }

    private static (string Folder, string Stem) Name(GgufFile file, int number, int count)
    {
        var full = Path.GetFullPath(file.Path);
        var (name, end) = (Path.GetFileName(full), FileName("", number, count));
        return number >= 0 && number < count && name.Length > end.Length && name.EndsWith(end, StringComparison.Ordinal)
            ? (Path.GetDirectoryName(full)!, name[..^end.Length])
            : throw file.Metadata.Error(
                Number, $"this is shard {number + 1L} of {count}, so its name must end in {end}. Give it back its name; the others are found by it.");
    }

    private static string FileName(string stem, long number, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{stem}-{number + 1:D5}-of-{count:D5}.gguf");

    private static void RequireEqual(GgufFile file, string key, int expected)
    {
        if (file.Metadata.Integer(key) is var value && value != expected)
        {
            throw file.Metadata.Error(key, $"is {value} where its name says {expected}. Take all shards from the same source.");
        }
    }

    private static void RequireWhole(List<GgufFile> files)
    {
        var tensors = files.Sum(file => (long)file.Tensors.Count);
        if (files[0].Metadata.Contains(TensorCount) && files[0].Metadata.Integer(TensorCount) is var stated && stated != tensors)
        {
            throw files[0].Metadata.Error(TensorCount, $"says {stated} tensors, but the {files.Count} shards hold {tensors}. Take all shards from the same source.");
        }
    }
}
