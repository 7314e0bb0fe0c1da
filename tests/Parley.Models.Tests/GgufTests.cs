using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests;

public sealed class GgufTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_kind_of_metadata_comes_back_in_order()
    {
        var metadata = EveryKind();
        using var reader = GgufReader.Open(Write(metadata, []));
        Assert.Equal(3u, reader.Version);
        Assert.Equal(metadata.Select(pair => pair.Key), reader.Metadata.Select(pair => pair.Key));
        foreach (var (key, value) in metadata)
        {
            Assert.Equal((value.Type, value.ElementType), (reader.Metadata[key].Type, reader.Metadata[key].ElementType));
            Assert.Equal(Flat(value), Flat(reader.Metadata[key]));
        }
    }

    [Theory]
    [InlineData(DType.F32, 32)]
    [InlineData(DType.F16, 32)]
    [InlineData(DType.BF16, 64)]
    [InlineData(DType.Q8_0, 256)]
    public void A_tensor_of_each_type_comes_back_to_the_bit(DType type, int alignment)
    {
        using var first = Random(new Shape(3, 64), type);
        using var second = Random(new Shape(2, 2, 32), type);
        GgufMetadata metadata = new() { ["general.alignment"] = (uint)alignment };
        using var reader = GgufReader.Open(Write(metadata, [GgufTensorSource.Of("first", first), GgufTensorSource.Of("second", second)]));
        foreach (var (name, tensor) in new[] { ("first", first), ("second", second) })
        {
            using var mapped = reader.Map(name);
            using var read = reader.Read(name);
            Assert.Equal((tensor.Shape, type), (mapped.Shape, mapped.DType));
            Assert.Equal(0, reader.Tensors[name].Offset % alignment);
            Assert.Equal(tensor.Bytes, mapped.Bytes);
            Assert.Equal(tensor.Bytes, read.Bytes);
        }
    }

    [Fact]
    public void Version_2_is_read_and_others_are_refused()
    {
        var path = Write(EveryKind(), []);
        Patch(path, 4, 2);
        using (var reader = GgufReader.Open(path))
        {
            Assert.Equal(2u, reader.Version);
        }

        Patch(path, 4, 1);
        Assert.Contains("version 1", Refusal(path).Message, StringComparison.Ordinal);
        Patch(path, 4, 0x0300_0000);
        Assert.Contains("big-endian", Refusal(path).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_names_file_field_and_offset()
    {
        using var tensor = Random(new Shape(2, 32), DType.F32);
        var path = Write(new GgufMetadata { ["some.key"] = "value" }, [GgufTensorSource.Of("some.tensor", tensor)]);
        var whole = File.ReadAllBytes(path);

        File.WriteAllBytes(path, whole[..40]);
        var error = Refusal(path);
        Assert.Equal((path, 40L), (error.File, error.Offset + (whole[..40].Length - error.Offset)));
        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);

        File.WriteAllBytes(path, whole[..^64]);
        error = Refusal(path);
        Assert.Equal((path, "some.tensor"), (error.File, error.Field));
        Assert.NotNull(error.Offset);
    }

    [Fact]
    public void Overlapping_tensors_doubled_names_and_bad_alignment_are_refused()
    {
        using var tensor = Random(new Shape(2, 32), DType.F32);
        var sources = new[] { GgufTensorSource.Of("a", tensor), GgufTensorSource.Of("b", tensor) };
        var path = Write([], sources);
        using (var reader = GgufReader.Open(path))
        {
            Assert.Equal(2, reader.Tensors.Count);
        }

        // The second description ends the header: its offset is the last eight bytes before the padding to 32.
        const int secondOffset = 24 + (2 * (8 + 1 + 4 + 16 + 4 + 8)) - 8;
        Patch(path, secondOffset, 32);
        Assert.Contains("overlaps", Refusal(path).Message, StringComparison.Ordinal);
        Patch(path, secondOffset, 33);
        Assert.Contains("multiple of 32", Refusal(path).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Refusal(Write([], [sources[0], sources[0]])).Message, StringComparison.Ordinal);

        var odd = Write(new GgufMetadata { ["general.alignment"] = 32u }, []);
        Patch(odd, (int)new FileInfo(odd).Length - 4 - Padding(odd), 48);
        Assert.Contains("power of two", Refusal(odd).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_beyond_four_gigabytes_is_found()
    {
        using var last = Random(new Shape(2, 32), DType.F32);
        var big = new Shape(1 << 16, 1 << 15); // 4 GB of F16, a hole in a sparse file
        var path = Write([], [new GgufTensorSource("big", big, DType.F16, stream => stream.Seek(big.Count * 2, SeekOrigin.Current)), GgufTensorSource.Of("last", last)]);
        using var reader = GgufReader.Open(path);
        using var mapped = reader.Map("last");
        using var rows = reader.Map("big");
        Assert.True(reader.Tensors["last"].Offset > uint.MaxValue);
        Assert.Equal(last.Bytes, mapped.Bytes);
        Assert.Equal(0f, rows.Rows((1 << 16) - 1, 1).ToArray()[^1]);
    }

    [Fact]
    public void Typed_look_ups_name_the_key()
    {
        var metadata = EveryKind();
        Assert.Equal(-4, metadata.Integer("int32"));
        Assert.Equal(6.5f, metadata.Number("float64"));
        Assert.Equal([1, 2], metadata.Integers("u16s"));
        Assert.Contains("absent", Assert.Throws<ModelFormatException>(() => metadata.Text("absent")).Message, StringComparison.Ordinal);
        Assert.Contains("string", Assert.Throws<ModelFormatException>(() => metadata.Integer("string")).Message, StringComparison.Ordinal);
        Assert.Contains("uint64", Assert.Throws<ModelFormatException>(() => metadata.Integer("uint64")).Message, StringComparison.Ordinal);
    }

    internal static GgufMetadata EveryKind() => new()
    {
        ["uint8"] = GgufValue.Scalar(GgufType.UInt8, (byte)200),
        ["int8"] = GgufValue.Scalar(GgufType.Int8, (sbyte)-3),
        ["uint16"] = GgufValue.Scalar(GgufType.UInt16, (ushort)60_000),
        ["int16"] = GgufValue.Scalar(GgufType.Int16, (short)-30_000),
        ["uint32"] = 4_000_000_000u,
        ["int32"] = -4,
        ["float32"] = 1.25f,
        ["bool"] = true,
        ["string"] = "Grüße, 世界 🙂",
        ["uint64"] = ulong.MaxValue,
        ["int64"] = GgufValue.Scalar(GgufType.Int64, long.MinValue),
        ["float64"] = GgufValue.Scalar(GgufType.Float64, 6.5),
        ["strings"] = new[] { "", "a", "Ġthe" },
        ["i32s"] = new[] { 1, -2, 3 },
        ["f32s"] = new[] { 0.5f, -1f },
        ["u8s"] = GgufValue.Array(GgufType.UInt8, new byte[] { 1, 2, 255 }),
        ["i8s"] = GgufValue.Array(GgufType.Int8, new sbyte[] { 1, -2 }),
        ["u16s"] = GgufValue.Array(GgufType.UInt16, new ushort[] { 1, 2 }),
        ["i16s"] = GgufValue.Array(GgufType.Int16, new short[] { -1, 2 }),
        ["u32s"] = GgufValue.Array(GgufType.UInt32, new uint[] { 1, 2 }),
        ["u64s"] = GgufValue.Array(GgufType.UInt64, new ulong[] { 1, 2 }),
        ["i64s"] = GgufValue.Array(GgufType.Int64, new long[] { -1, 2 }),
        ["f64s"] = GgufValue.Array(GgufType.Float64, new[] { 0.1, 0.2 }),
        ["bools"] = GgufValue.Array(GgufType.Bool, new[] { true, false }),
        ["empty"] = System.Array.Empty<string>(),
        ["nested"] = GgufValue.Array(GgufType.Array, new GgufValue[] { new[] { 1, 2 }, new[] { "x" } }),
    };

    private static object Flat(GgufValue value) =>
        value.Content is GgufValue[] nested ? nested.Select(Flat).ToArray() : value.Content;

    private static Tensor Random(Shape shape, DType type)
    {
        var tensor = Tensor.Allocate(shape, type);
        Philox.FillNormal(tensor, 5, (ulong)type, 1f);
        return tensor;
    }

    private static ModelFormatException Refusal(string path) => Assert.Throws<ModelFormatException>(() => GgufReader.Open(path).Dispose());

    private static void Patch(string path, int offset, uint value)
    {
        using var stream = File.OpenWrite(path);
        stream.Position = offset;
        stream.Write(BitConverter.GetBytes(value));
    }

    // The header of a file without tensors ends in zeros up to the alignment.
    private static int Padding(string path) => (int)new FileInfo(path).Length - (24 + 8 + "general.alignment".Length + 4 + 4);

    private string Write(GgufMetadata metadata, IReadOnlyList<GgufTensorSource> tensors)
    {
        var path = _folder.File(Guid.NewGuid().ToString("N"));
        using var stream = File.Create(path);
        GgufWriter.Write(stream, metadata, tensors);
        return path;
    }
}
