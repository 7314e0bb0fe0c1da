using Parley.Tensors.Autograd;

namespace Parley.Tensors.Tests;

/// <summary>Low-rank updates give each row the bits of two plain products, whatever other rows, updates, threads and widths there are.</summary>
public sealed class LowRankTests : IDisposable
{
    private const int Inputs = 45, Outputs = 149; // neither is whole groups of 16; more than one block of outputs

    public static TheoryData<KernelSet, int> Kernels => Variants.All;

    private readonly Parameter _weight = new("w", Numbers.Tensor(1, Outputs, Inputs));
    private readonly Updates _first = new(5, 0.37f), _second = new(33, 2), _other = new(4, 1) { Weight = "elsewhere" };

    public void Dispose()
    {
        _weight.Dispose();
        _first.Pair.Dispose();
        _second.Pair.Dispose();
        _other.Pair.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void EveryRowHasTheBitsOfPlainProducts(KernelSet kernels, int threads)
    {
        ILowRankUpdates?[] rows = [.. Enumerable.Range(0, 23).Select(row => (row * 7 % 5) switch { 0 => null, 1 or 2 => _first, 3 => _second, _ => (ILowRankUpdates)_other })];
        using var x = Numbers.Tensor(2, rows.Length, Inputs);
        using var context = new ComputeContext(threads, kernels);
        var actual = Adapted(context, x, rows);
        for (var row = 0; row < rows.Length; row++)
        {
            Numbers.SameBits(Plain(x.Rows(row, 1), rows[row]), actual.AsSpan(row * Outputs, Outputs));
        }
    }

    [Fact]
    public void WithATapeTheyAreTheSameBitsAndHaveGradients()
    {
        using var x = Numbers.Tensor(3, 6, Inputs);
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var tape = new Tape();
        var operations = new Operations(context, arena, tape) { Adapters = LowRankRows.All(_first, 6) };
        _first.Pair.A.RequireGradient();
        _first.Pair.B.RequireGradient();
        var output = operations.Linear(x, _weight);
        Numbers.SameBits(Adapted(context, x, [.. Enumerable.Repeat(_first, 6)]), output.ToHost());
        using var ones = Tensor.Allocate(output.Shape);
        ones.Fill(1);
        tape.Seed(output, ones);
        tape.Backward();
        Assert.Null(_weight.Gradient);
        Assert.All(new[] { _first.Pair.A, _first.Pair.B }, parameter => Assert.Contains(parameter.Gradient!.ToArray(), value => value != 0));
    }

    [Fact]
    public void SeveralUpdatesUnderOneTapeAreRefused()
    {
        using var x = Numbers.Tensor(3, 2, Inputs);
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var rows = LowRankRows.All(_first, 1);
        rows.Add(null, 1);
        var operations = new Operations(context, arena, new Tape()) { Adapters = rows };
        Assert.Throws<NotSupportedException>(() => operations.Linear(x, _weight));
    }

    [Fact]
    public void AMapThatSeesOtherRowsThanTheBatchCannotBeAdapted()
    {
        using var x = Numbers.Tensor(3, 2, Inputs);
        using var context = new ComputeContext(1);
        Assert.Contains("'w'", Assert.Throws<InvalidOperationException>(() => Adapted(context, x, [_first])).Message, StringComparison.Ordinal);
    }

    private float[] Adapted(ComputeContext context, Tensor x, IEnumerable<ILowRankUpdates?> rows)
    {
        using var arena = new Arena();
        var adapters = new LowRankRows();
        foreach (var updates in rows)
        {
            adapters.Add(updates, 1);
        }

        return new Operations(context, arena) { Adapters = adapters }.Linear(x, _weight).ToArray();
    }

    // One row, one thread, the widest kernels: two products and a residual step.
    private float[] Plain(Tensor x, ILowRankUpdates? updates)
    {
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var operations = new Operations(context, arena);
        var output = operations.Linear(x, _weight);
        return updates?.Find(_weight) is { } pair
            ? operations.Residual(output, operations.Linear(operations.Linear(x, pair.A), pair.B), pair.Scale).ToArray()
            : output.ToArray();
    }

    private sealed class Updates(int rank, float scale) : ILowRankUpdates
    {
        public string Weight { get; init; } = "w";

        public LowRankPair Pair { get; } = new(
            new("a", Numbers.Tensor((ulong)rank, rank, Inputs)), new("b", Numbers.Tensor((ulong)rank + 100, Outputs, rank)), scale);

        public LowRankPair? Find(Parameter weight) => weight.Name == Weight ? Pair : null;
    }
}
