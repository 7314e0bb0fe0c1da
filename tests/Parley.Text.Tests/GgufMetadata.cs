using System.Text;

namespace Parley.Text.Tests;

/// <summary>Reads the metadata of a vocabulary-only GGUF file, so that the oracle can be asked without the model room.</summary>
internal static class GgufMetadata
{
    public static Dictionary<string, object> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        Assert.Equal(0x46554747u, reader.ReadUInt32());
        reader.ReadUInt32();
        reader.ReadUInt64();
        var count = reader.ReadUInt64();
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0ul; i < count; i++)
        {
            var key = ReadString(reader);
            values[key] = ReadValue(reader, reader.ReadUInt32());
        }

        return values;
    }

    private static string ReadString(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

    private static object ReadValue(BinaryReader reader, uint type) => type switch
    {
        0 or 7 => reader.ReadByte(),
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        8 => ReadString(reader),
        9 => ReadArray(reader),
        10 => reader.ReadUInt64(),
        _ => throw new InvalidDataException($"GGUF value type {type} is not expected in a vocabulary file."),
    };

    private static object[] ReadArray(BinaryReader reader)
    {
        var type = reader.ReadUInt32();
        var values = new object[reader.ReadUInt64()];
        for (var i = 0; i < values.Length; i++)
            values[i] = ReadValue(reader, type);
        return values;
    }
}
