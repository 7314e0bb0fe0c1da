using Parley.Testing;

namespace Parley.Tensors.Tests;

/// <summary>Ownership, views, conversion and mapped files.</summary>
public sealed unsafe class TensorTests
{
    [Fact]
    public void A_new_tensor_is_zero_and_aligned()
    {
        foreach (int count in new[] { 1, 17, 1 << 20 })
        {
            using Tensor tensor = Tensor.Allocate(new Shape(count));
            Assert.Equal(0u, (nuint)tensor.Address % 64);
            Assert.Equal(-1, tensor.ToHost().IndexOfAnyExcept(0f));
        }
    }

    [Fact]
    public void Long_lived_tensors_are_zero_apart_and_outlive_each_other()
    {
        int[] counts = [17, 1 << 14, 20_001, 1 << 20, 3 << 20, 100_000];
        Tensor[] tensors = [.. counts.Select(count => Tensor.AllocateLongLived(new Shape(count)))];
        foreach (int i in new[] { 1, 4, 0, 3, 2, 5 })
        {
            Assert.Equal(0u, (nuint)tensors[i].Address % 64);
            Assert.Equal(-1, tensors[i].ToHost().IndexOfAnyExcept(0f));
            tensors[i].Fill(i + 1);
        }

        foreach (int i in new[] { 1, 4, 0, 3, 2, 5 })
        {
            Assert.Equal(-1, tensors[i].ToHost().IndexOfAnyExcept((float)(i + 1)));
            tensors[i].Dispose();
            Assert.Throws<ObjectDisposedException>(() => tensors[i].Fill(0));
        }

        using Tensor again = Tensor.AllocateLongLived(new Shape(20_001)); // the slab may have gone with its last piece
        Assert.Equal(-1, again.ToHost().IndexOfAnyExcept(0f));
    }

    [Fact]
    public void A_view_shares_its_source_and_frees_nothing()
    {
        using Tensor tensor = Tensor.FromHost(new Shape(4, 3), Numbers.Normal(12, 1));
        using (Tensor rows = tensor.Rows(1, 2))
        {
            Assert.Equal(new Shape(2, 3), rows.Shape);
            rows.Fill(5);
        }

        Assert.Equal(5f, tensor.ToHost()[3]);
        Assert.Equal(5f, tensor.Reshape(new Shape(12)).ToHost()[8]);
        Assert.NotEqual(5f, tensor.ToHost()[9]);
    }

    [Fact]
    public void Disposing_twice_is_harmless_and_using_afterwards_is_an_error()
    {
        Tensor tensor = Tensor.Allocate(new Shape(4, 4));
        Tensor view = tensor.Rows(1, 1);
        tensor.Dispose();
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ToArray());
        Assert.Throws<ObjectDisposedException>(() => tensor.Fill(1));
        Assert.Throws<ObjectDisposedException>(() => tensor.Rows(0, 1));
        Assert.Throws<ObjectDisposedException>(() => view.ToArray());
    }

    [Fact]
    public void A_disposed_weight_is_an_error_even_after_it_was_packed()
    {
        using ComputeContext context = new(1);
        using Tensor x = Tensor.Allocate(new Shape(2, 8));
        using Tensor output = Tensor.Allocate(new Shape(2, 8));
        Parameter weight = new("w", Tensor.Allocate(new Shape(8, 8)));
        context.Device.Linear(x, weight, null, output);
        weight.Dispose();
        weight.Dispose();
        Assert.Throws<ObjectDisposedException>(() => context.Device.Linear(x, weight, null, output));
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.Q8_0)]
    [InlineData(DType.Q4_1)]
    [InlineData(DType.Q5_0)]
    public void Copies_convert_between_storage_types(DType type)
    {
        float[] values = Numbers.Normal(64, 1);
        using Tensor plain = Tensor.FromHost(new Shape(2, 32), values);
        using Tensor stored = Tensor.Allocate(new Shape(2, 32), type);
        using Tensor again = Tensor.Allocate(new Shape(2, 32), type);
        using Tensor back = Tensor.Allocate(new Shape(2, 32));
        stored.CopyFrom(plain);
        again.CopyFromBytes(stored.Bytes);
        back.CopyFrom(again);
        Numbers.SameBits(stored.ToArray(), back.ToHost());
        Assert.Equal(stored.Rows(1, 1).ToArray(), back.Rows(1, 1).ToArray());
        Assert.Throws<InvalidOperationException>(() => stored.ToHost().Length);
    }

    [Fact]
    public void Extents_that_do_not_fit_are_named()
    {
        using Tensor tensor = Tensor.Allocate(new Shape(2, 3));
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentException>(() => tensor.Reshape(new Shape(7))).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentException>(() => tensor.CopyFrom(new float[5])).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Rows(1, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("[5]", Assert.Throws<ArgumentException>(() => Tensor.Allocate(new Shape(5), DType.Q8_0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapped_tensor_outlives_its_file_and_is_read_only()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "weights.bin");
        float[] values = Numbers.Normal(20, 1);
        byte[] bytes = new byte[88];
        DTypes.Encode(DType.F32, values, bytes.AsSpan(8));
        File.WriteAllBytes(path, bytes);
        MappedFile file = MappedFile.Open(path);
        Assert.Equal(88, file.Length);
        Assert.Equal(bytes[8..12], file.Slice(8, 4).ToArray());
        Tensor tensor = Tensor.Map(file, 8, new Shape(4, 5), DType.F32);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => Tensor.Map(file, 12, new Shape(4, 5), DType.F32)).Message, StringComparison.Ordinal);
        file.Dispose();
        file.Dispose();
        Numbers.SameBits(values, tensor.ToHost());
        Assert.Throws<InvalidOperationException>(() => tensor.Fill(1));
        Assert.Throws<ObjectDisposedException>(() => file.Slice(0, 1).Length);
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ToArray());
    }

    [Fact]
    public void An_empty_or_truncated_file_is_named()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "empty.bin");
        File.WriteAllBytes(path, []);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => MappedFile.Open(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, [1, 2, 3]);
        using MappedFile file = MappedFile.Open(path);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => file.Slice(2, 2).Length).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => file.Slice(long.MaxValue, 2).Length);
    }
}
