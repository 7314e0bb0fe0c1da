namespace Parley.Tensors.Tests;

/// <summary>Repacking of many weights at once: into one piece of memory, once, with the file's pages given back.</summary>
public sealed class PreparedWeightTests
{
    [Fact]
    public void Prepared_weights_give_the_bits_of_weights_repacked_on_first_use()
    {
        using Parameter a = Weight(DType.Q8_0, 50, 1), b = Weight(DType.Q4_K, 33, 2), plain = Weight(DType.F32, 20, 3);
        using Parameter sameA = Weight(DType.Q8_0, 50, 1), sameB = Weight(DType.Q4_K, 33, 2);
        using Tensor x = Numbers.Tensor(4, 3, 256);
        using ComputeContext context = new(2, arithmetic: Arithmetic.Fast);
        Shares shares = new();
        context.Device.Prepare([a, plain, b], shares);
        Assert.Equal(2, shares.Reported.Count);
        Assert.Equal(1.0, shares.Reported[^1]);
        Numbers.SameBits(Product(context, x, sameA), Product(context, x, a));
        Numbers.SameBits(Product(context, x, sameB), Product(context, x, b));
        context.Device.Prepare([a, plain, b], shares);
        Assert.Equal(2, shares.Reported.Count);
        b.MarkChanged();
        context.Device.Prepare([a, plain, b], shares);
        Assert.Equal(3, shares.Reported.Count);
    }

    [Fact]
    public void Memory_of_a_prepared_set_outlives_any_of_its_weights()
    {
        using Parameter a = Weight(DType.Q8_0, 50, 1);
        Parameter b = Weight(DType.Q8_0, 50, 2);
        using Tensor x = Numbers.Tensor(4, 3, 256);
        using ComputeContext context = new(1, arithmetic: Arithmetic.Fast);
        context.Device.Prepare([b, a]);
        float[] before = Product(context, x, a);
        b.Dispose();
        Numbers.SameBits(before, Product(context, x, a));
    }

    [Fact]
    public void A_mapped_weight_can_still_be_read_after_its_pages_were_dropped()
    {
        string path = Path.GetTempFileName();
        try
        {
            using Parameter stored = Weight(DType.Q4_0, 300, 5);
            File.WriteAllBytes(path, stored.Value.Bytes.ToArray());
            using MappedFile file = MappedFile.Open(path);
            using Parameter mapped = new("w", Tensor.Map(file, 0, stored.Value.Shape, DType.Q4_0));
            using Tensor x = Numbers.Tensor(4, 3, 256);
            using ComputeContext context = new(2, arithmetic: Arithmetic.Fast);
            context.Device.Prepare([mapped]);
            mapped.Value.Drop();
            Numbers.SameBits(Product(context, x, stored), Product(context, x, mapped));
            Assert.Equal(stored.Value.ToArray(), mapped.Value.ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Parameter Weight(DType type, int rows, ulong seed)
    {
        Tensor value = Tensor.Allocate(new Shape(rows, 256), type);
        value.CopyFrom(Numbers.Normal(rows * 256, seed));
        return new Parameter("w", value);
    }

    private static float[] Product(ComputeContext context, Tensor x, Parameter weight)
    {
        using Tensor output = Tensor.Allocate(new Shape(x.Shape.Rows, weight.Value.Shape[0]));
        context.Device.Linear(x, weight, null, output);
        return output.ToArray();
    }

    private sealed class Shares : IProgress<double>
    {
        public List<double> Reported { get; } = [];

        public void Report(double value) => Reported.Add(value);
    }
}
