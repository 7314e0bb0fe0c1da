using Parley.Tensors;

namespace Parley.Models;

/// <summary>Opens a model file as a mapping, and turns what can go wrong into one sentence; knows no format.</summary>
internal static class MappedModelFile
{
    public static MappedFile Open(string path)
    {
        try
        {
            return MappedFile.Open(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ModelFormatException.At(path, null, null, "does not exist. Check the path.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw ModelFormatException.At(path, null, null, "cannot be read. It is a folder, or you lack the permission to read it.", error);
        }
        catch (InvalidDataException error)
        {
            throw ModelFormatException.At(path, null, 0, "is empty. Copy or download it again.", error);
        }
    }

    /// <summary>A copy of a stored tensor in memory of its own, writable.</summary>
    public static Tensor Copy(MappedFile file, long offset, Shape shape, DType type)
    {
        var tensor = Tensor.AllocateLongLived(shape, type);
        foreach (var piece in tensor.Pieces())
        {
            piece.CopyFromBytes(file.Slice(offset, checked((int)piece.ByteCount)));
            offset += piece.ByteCount;
        }

        return tensor;
    }
}
