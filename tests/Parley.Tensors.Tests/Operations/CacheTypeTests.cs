using Parley.Testing;

namespace Parley.Tensors.Tests;

/// <summary>
/// The cache's types: each near the exact result as far as its rounding allows, with the same bits in one piece, in chunks and token by token,
/// alone and among others, at every width.
/// </summary>
public sealed class CacheTypeTests
{
    private static readonly int[] Scattered = [.. Enumerable.Range(0, 13).Select(i => (i * 7 + 3) % 23)];

    public static TheoryData<DType, int> TypesAndHeads => new MatrixTheoryData<DType, int>(
        [DType.F32, DType.F16, DType.BF16, DType.Q8_0], [2, 24, 33, 128]);

    [Theory]
    [InlineData(DType.F32, 1e-5)]
    [InlineData(DType.F16, 3e-3)]
    [InlineData(DType.BF16, 3e-2)]
    [InlineData(DType.Q8_0, 5e-2)]
    public void A_result_is_as_near_as_the_type_allows(DType type, double tolerance)
    {
        using var context = new ComputeContext(2);
        using var given = new AttentionCase(130, 4, 2, new(64, Scale: 0.02f), 1);
        using var cache = given.NewCache(23, type);
        Variants.Near(given.Defined(), given.Chunked(context, cache, Scattered, 130), tolerance);
    }

    [Theory, MemberData(nameof(TypesAndHeads))]
    public void Whole_chunked_and_token_by_token_give_the_same_bits(DType type, int headDim)
    {
        using var context = new ComputeContext(2);
        foreach (var (heads, window) in ((int, int)[])[(1, 0), (2, 20), (3, 0), (4, 70), (5, 0)])
        {
            using var given = new AttentionCase(150, heads, 1, new(headDim, Window: window), 1);
            using var first = given.NewCache(23, type);
            var expected = given.Chunked(context, first, Scattered, 150);
            foreach (var chunks in (int[][])[[1], [15, 1, 33, 2, 80, 3]])
            {
                using var cache = given.NewCache(23, type);
                Variants.SameBits(expected, given.Chunked(context, cache, Scattered, chunks));
            }
        }
    }

    [Theory, MemberData(nameof(TypesAndHeads))]
    public void Every_width_gives_the_same_bits(DType type, int headDim)
    {
        using var given = new AttentionCase(70, 3, 1, new(headDim), 1);
        float[] Run(KernelSet set)
        {
            using var context = new ComputeContext(1, set);
            using var cache = given.NewCache(23, type);
            return given.Chunked(context, cache, Scattered, 60, 1);
        }

        var expected = Run(KernelSet.Reference);
        foreach (var set in (KernelSet[])[KernelSet.Vector128, KernelSet.Vector256, KernelSet.Vector512]) Variants.SameBits(expected, Run(set));
    }

    [Fact]
    public void Numbers_beyond_a_half_keep_its_largest()
    {
        using var context = new ComputeContext(1);
        using Tensor q = Tensor.Allocate(new(1, 16)), k = Tensor.Allocate(new(1, 16)), v = Tensor.Allocate(new(1, 16));
        v.Fill(-1e6f);
        using var cache = new KVCache(1, 1, 16, 1, DType.F16);
        using var arena = new Arena();
        var output = new Autograd.Operations(context, arena).Attention(q, k, v, new([new(0, 1, 0, new[] { 0 })], cache), 0, 16);
        Assert.All(output.ToArray(), value => Assert.Equal(-65504f, value));
    }

    [Theory]
    [InlineData(DType.F16, 2)]
    [InlineData(DType.BF16, 2)]
    [InlineData(DType.Q8_0, 1.0625)]
    public void A_block_takes_the_bytes_of_its_type(DType type, double bytes) =>
        Assert.Equal(4 * 2 * 3 * 128 * 16 * bytes, KVCache.BytesPerBlock(4, 3, 128, type));

    [Fact]
    public void Other_types_are_refused() =>
        Assert.Contains("99", Assert.Throws<ArgumentException>(() => new KVCache(1, 1, 16, 1, (DType)99)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_batch_is_bound_again_without_allocating()
    {
        using var cache = new KVCache(1, 1, 16, 8);
        var batch = new AttentionBatch([], cache);
        var spans = new List<AttentionSpan>();
        int[] one = [0, 1, 2], two = [3, 4, 5];
        void Step(int position)
        {
            spans.Clear();
            spans.Add(new(0, 1, position, one));
            spans.Add(new(1, 2, position, two));
            batch.Rebind(spans);
        }

        for (var i = 0; i < 20; i++) Step(i);
        var position = 20;
        Assert.Equal(0, Allocations.Least(10, () => Step(position++)));
        Assert.Equal([39, 39, 40], batch.Positions.ToArray());
        Assert.Throws<ArgumentException>(() => batch.Rebind([new(0, 1, 0, one), new(5, 1, 0, two)]));
        Assert.Equal(0, batch.Rows);
    }
}
