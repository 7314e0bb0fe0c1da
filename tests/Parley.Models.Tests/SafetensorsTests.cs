using System.Buffers.Binary;
using System.Text;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void A_tensor_of_each_type_comes_back_to_the_bit(DType type)
    {
        using var tensor = Random(new Shape(5, 7), type);
        using var other = Random(new Shape(3), DType.F32);
        var path = Write(new() { ["a.weight"] = tensor, ["b"] = other }, new() { ["format"] = "pt" });
        using var reader = SafetensorsReader.Open(path);
        using var mapped = reader.Map("a.weight");
        using var read = reader.Read("a.weight");
        using var second = reader.Read("b");
        Assert.Equal((tensor.Shape, type), (mapped.Shape, mapped.DType));
        Assert.Equal(tensor.Bytes, mapped.Bytes);
        Assert.Equal(tensor.Bytes, read.Bytes);
        Assert.Equal(other.Bytes, second.Bytes);
        Assert.Equal("pt", reader.Metadata["format"]);
    }

    [Fact]
    public void Equal_tensors_give_equal_bytes_and_aligned_data()
    {
        using var a = Random(new Shape(4, 3), DType.F16);
        using var b = Random(new Shape(2), DType.F32);
        var first = File.ReadAllBytes(Write(new() { ["a"] = a, ["b"] = b }));
        var second = File.ReadAllBytes(Write(new() { ["b"] = b, ["a"] = a }));
        Assert.Equal(first, second);
        Assert.Equal(0, (8 + BinaryPrimitives.ReadInt64LittleEndian(first)) % 64);
    }

    [Fact]
    public void A_mapped_tensor_outlives_its_reader()
    {
        using var tensor = Random(new Shape(4), DType.F32);
        Tensor mapped;
        using (var reader = SafetensorsReader.Open(Write(new() { ["a"] = tensor })))
        {
            mapped = reader.Map("a");
        }

        Assert.Equal(tensor.Bytes, mapped.Bytes);
        mapped.Dispose();
    }

    [Fact]
    public void A_type_without_a_name_in_the_format_is_refused()
    {
        using var tensor = Tensor.Allocate(new Shape(2, 32), DType.Q8_0);
        var error = Assert.Throws<ModelFormatException>(() => Write(new() { ["blocks"] = tensor }));
        Assert.Contains("blocks", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "b", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "b", "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "a", "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, null, "no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "a", "bytes 8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "a", "bytes -8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "a", "takes 12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}""", 8, "a", "more elements")]
    [InlineData("""{"a":{"dtype":"F47","shape":[1],"data_offsets":[0,8]}}""", 8, "a", "F47")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "a", "4 extents")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "a", "lacks")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "a", "twice")]
    [InlineData("""{"a":3}""", 0, "a", "Number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "a", "unknown property")]
    [InlineData("""{"\ud800":3}""", 0, null, "not valid JSON")]
    [InlineData("""{"a":""", 0, null, "not valid JSON")]
    public void A_header_that_lies_is_refused_by_name(string header, int dataBytes, string? field, string problem)
    {
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(Raw((ulong)header.Length, header, dataBytes)).Dispose());
        Assert.Equal(field, error.Field);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("raw.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_a_type_that_weights_do_not_have_is_listed_but_not_read()
    {
        const string header = """{"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]},"w":{"dtype":"F16","shape":[1],"data_offsets":[3,5]}}""";
        using var reader = SafetensorsReader.Open(Raw((ulong)header.Length, header, 5));
        using var weight = reader.Map("w");
        Assert.Equal(("BOOL", null), (reader.Entries["mask"].StoredAs, reader.Entries["mask"].DType));
        var error = Assert.Throws<ModelFormatException>(() => reader.Map("mask"));
        Assert.Contains("BOOL", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(3UL)]
    public void An_absurd_header_length_is_refused(ulong length) =>
        Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(Raw(length, "{}", 0)).Dispose());

    [Fact]
    public void A_missing_or_empty_file_and_a_folder_are_named()
    {
        var empty = _folder.File("empty.safetensors");
        File.WriteAllBytes(empty, []);
        foreach (var path in new[] { empty, _folder.File("none"), _folder.Path })
        {
            var error = Assert.Throws<ModelFormatException>(() => SafetensorsReader.Open(path).Dispose());
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    private static Tensor Random(Shape shape, DType type)
    {
        var tensor = Tensor.Allocate(shape, type);
        Philox.FillNormal(tensor, 5, (ulong)type, 1f);
        return tensor;
    }

    private string Write(Dictionary<string, Tensor> tensors, Dictionary<string, string>? metadata = null)
    {
        var path = _folder.File(Guid.NewGuid().ToString("N"));
        using var stream = File.Create(path);
        SafetensorsWriter.Write(stream, tensors, metadata);
        return path;
    }

    private string Raw(ulong length, string header, int dataBytes)
    {
        var bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Encoding.ASCII.GetBytes(header, bytes.AsSpan(8));
        var path = _folder.File("raw.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
