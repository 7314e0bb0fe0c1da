using Parley.Testing;
using Parley.Tensors.Autograd;

namespace Parley.Tensors.Tests;

/// <summary>
/// Attention is right, and its bits are the same prefilled whole, in chunks, token by token, alone or among others, in training and
/// through the cache, at every width and with two threads.
/// </summary>
public sealed class AttentionTests
{
    public static TheoryData<KernelSet, int> Sets => Variants.All;

    [Theory]
    [InlineData(1, 1, 1, 16)]
    [InlineData(5, 4, 2, 32)]
    [InlineData(70, 3, 1, 48)]
    [InlineData(131, 2, 2, 64)]
    [InlineData(20, 5, 1, 80)]
    [InlineData(70, 6, 2, 24)]
    [InlineData(9, 4, 1, 2)]
    [InlineData(33, 2, 1, 96)]
    [InlineData(70, 4, 2, 15)]
    [InlineData(131, 3, 3, 33)]
    [InlineData(9, 2, 1, 1)]
    public void It_is_what_the_formula_says(int length, int heads, int kvHeads, int headDim)
    {
        using var context = new ComputeContext(2);
        using var given = new AttentionCase(length, heads, kvHeads, new(headDim), 1);
        Variants.Near(given.Defined(), given.Whole(context), 1e-5);
    }

    [Theory, MemberData(nameof(Sets))]
    public void Every_variant_agrees_with_the_scalar_reference(KernelSet set, int threads)
    {
        using ComputeContext reference = new(1, KernelSet.Reference), context = new(threads, set);
        foreach (var (length, heads, kvHeads, headDim) in ((int, int, int, int)[])[(1, 1, 1, 16), (67, 6, 2, 48), (33, 3, 1, 80), (70, 4, 2, 24), (70, 4, 2, 33)])
        {
            using var given = new AttentionCase(length, heads, kvHeads, new(headDim), 1);
            Variants.SameBits(given.Whole(reference), given.Whole(context));
            using var limited = new AttentionCase(length, heads, kvHeads, new(headDim, 0.2f, Window: 21, SoftCap: 3), 1);
            Variants.SameBits(limited.Whole(reference), limited.Whole(context));
        }
    }

    [Theory]
    [InlineData(70, 0.3f, 0, 0)]
    [InlineData(70, 0, 1, 0)]
    [InlineData(200, 0, 64, 0)]
    [InlineData(200, 0, 65, 0)]
    [InlineData(150, 0, 17, 0)]
    [InlineData(50, 0, 500, 0)]
    [InlineData(70, 0, 0, 2)]
    [InlineData(140, 0.11f, 30, 5)]
    public void Scale_window_and_cap_are_what_the_formula_says(int length, float scale, int window, float cap)
    {
        using var context = new ComputeContext(2);
        using var given = new AttentionCase(length, 4, 2, new(32, scale, window, cap), 1);
        Variants.Near(given.Defined(), given.Whole(context), 1e-5);
    }

    [Theory]
    [InlineData(1, 32, 0)]
    [InlineData(2, 32, 0)]
    [InlineData(2, 24, 0)]
    [InlineData(2, 24, 20)]
    [InlineData(1, 32, 70)]
    [InlineData(2, 15, 20)]
    public void Whole_chunked_and_token_by_token_give_the_same_bits(int threads, int headDim, int window)
    {
        using var context = new ComputeContext(threads);
        using var given = new AttentionCase(150, 6, 2, new(headDim, Window: window), 1);
        var expected = given.Whole(context);
        int[] blocks = [.. Enumerable.Range(0, 10).Select(i => (i * 7 + 3) % 23)];
        foreach (var chunks in (int[][])[[150], [64, 64, 22], [1], [15, 1, 33, 2, 80, 3], [149, 1], [17]])
        {
            using var cache = given.NewCache(23);
            Variants.SameBits(expected, given.Chunked(context, cache, blocks, chunks));
        }
    }

    [Fact]
    public void Neighbours_in_the_batch_do_not_change_a_sequence()
    {
        using var context = new ComputeContext(2);
        using AttentionCase one = new(40, 4, 2, new(32), 1), two = new(90, 4, 2, new(32), 11), three = new(7, 4, 2, new(32), 21);
        AttentionCase[] cases = [one, two, three];
        int[] firsts = [0, 40, 130], starts = [39, 30, 0];
        using var cache = one.NewCache(12);
        int[][] blocks = [[11, 4, 7], [3, 9, 0, 10, 1, 8], [5]];
        for (var i = 0; i < 2; i++)
        {
            var before = new AttentionBatch([new(0, starts[i], 0, blocks[i])], cache);
            cases[i].Run(context, cases[i].Q.Rows(0, starts[i]), cases[i].K.Rows(0, starts[i]), cases[i].V.Rows(0, starts[i]), before);
        }

        int[] counts = [1, 60, 7];
        float[] Join(Func<AttentionCase, Tensor> part) => [.. cases.SelectMany((c, i) => part(c).Rows(starts[i], counts[i]).ToArray())];
        using Tensor q = Tensor.FromHost(new(68, 128), Join(c => c.Q)), k = Tensor.FromHost(new(68, 64), Join(c => c.K));
        using var v = Tensor.FromHost(new(68, 64), Join(c => c.V));
        var spans = new AttentionSpan[] { new(0, 1, 39, blocks[0]), new(1, 60, 30, blocks[1]), new(61, 7, 0, blocks[2]) };
        var together = one.Run(context, q, k, v, new AttentionBatch(spans, cache));
        for (var i = 0; i < 3; i++)
        {
            var alone = cases[i].Whole(context).AsSpan(starts[i] * 128, counts[i] * 128);
            Variants.SameBits(alone, together.AsSpan(spans[i].FirstRow * 128, counts[i] * 128));
        }
    }

    [Fact]
    public void A_training_batch_of_uneven_sequences_equals_each_alone()
    {
        using var context = new ComputeContext(2);
        using AttentionCase one = new(37, 4, 2, new(16), 1), two = new(65, 4, 2, new(16), 11);
        float[] Join(Func<AttentionCase, Tensor> part) => [.. part(one).ToArray(), .. part(two).ToArray()];
        using Tensor q = Tensor.FromHost(new(102, 64), Join(c => c.Q)), k = Tensor.FromHost(new(102, 32), Join(c => c.K));
        using var v = Tensor.FromHost(new(102, 32), Join(c => c.V));
        var together = one.Run(context, q, k, v, new AttentionBatch([new(0, 37, 0, default), new(37, 65, 0, default)]));
        Variants.SameBits([.. one.Whole(context), .. two.Whole(context)], together);
    }

    [Fact]
    public void A_copied_block_serves_as_the_original()
    {
        using var context = new ComputeContext(1);
        using var given = new AttentionCase(20, 2, 1, new(16), 1);
        using var cache = given.NewCache(5);
        var all = given.Chunked(context, cache, [0, 1], 20);
        cache.CopyBlock(0, 4);
        cache.CopyBlock(1, 2);
        var last = new AttentionBatch([new(0, 1, 19, new[] { 4, 2 })], cache);
        var again = given.Run(context, given.Q.Rows(19, 1), given.K.Rows(19, 1), given.V.Rows(19, 1), last);
        Variants.SameBits(all.AsSpan(19 * 32, 32), again);
        Assert.Equal(KVCache.BytesPerBlock(2, 1, 16) * 5, cache.ByteCount);
    }

    [Fact]
    public void Wrong_sizes_are_named()
    {
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        using var cache = new KVCache(1, 1, 16, 2);
        using var x = Tensor.Allocate(new(1, 42));
        var operations = new Operations(context, arena);
        void Attend(AttentionSettings settings) => operations.Attention(x, x, x, AttentionBatch.Whole(1, 1), 0, settings);
        Assert.Contains("1025", Throws(() => Attend(new(1025))), StringComparison.Ordinal);
        Assert.Contains("20", Throws(() => Attend(new(20))), StringComparison.Ordinal);
        Assert.Contains("scale -1", Throws(() => Attend(new(42, Scale: -1))), StringComparison.Ordinal);
        Assert.Contains("window -2", Throws(() => Attend(new(42, Window: -2))), StringComparison.Ordinal);
        Assert.Contains("soft cap NaN", Throws(() => Attend(new(42, SoftCap: float.NaN))), StringComparison.Ordinal);
        Assert.Contains("1026", Throws(() => _ = new KVCache(1, 1, 1026, 1)), StringComparison.Ordinal);
        Assert.Contains("needs 2", Throws(() => _ = new AttentionBatch([new(0, 1, 16, new[] { 1 })], cache)), StringComparison.Ordinal);
        Assert.Contains("block 2", Throws(() => _ = new AttentionBatch([new(0, 1, 0, new[] { 2 })], cache)), StringComparison.Ordinal);
        Assert.Contains("row 5", Throws(() => _ = new AttentionBatch([new(5, 1, 0, new[] { 1 })], cache)), StringComparison.Ordinal);

        static string Throws(Action action) => Assert.Throws<ArgumentException>(action).Message;
    }

    [Fact]
    public void Without_a_tape_a_step_allocates_next_to_nothing()
    {
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        using var given = new AttentionCase(20, 2, 1, new(16), 1);
        using var weight = new Parameter("w", Variants.Normal(new(32), 5));
        var operations = new Operations(context, arena);
        var batch = AttentionBatch.Whole(1, 20);
        void Step()
        {
            arena.Reset();
            var x = operations.Attention(given.Q, given.K, given.V, batch, 0, 16);
            operations.Add(operations.SwiGlu(x, x), operations.RmsNorm(x, weight, 1e-5f));
        }

        for (var i = 0; i < 3; i++) Step();
        Assert.InRange(Allocations.Least(10, Step), 0, 640);
    }
}
