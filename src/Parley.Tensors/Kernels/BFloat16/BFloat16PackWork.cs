namespace Parley.Tensors.Kernels;

/// <summary>Rounds F32 rows to BF16 and packs them into the tiles of <see cref="BFloat16Tokens"/>; a chunk is one tile.</summary>
internal readonly unsafe struct BFloat16PackWork(nint source, int inputs, BFloat16Tokens target) : IWork
{
    private const int Block = 8;
    private const int PairsAtATime = 256;

    public void Execute(int chunk)
    {
        int tokens = target.TokensOf(chunk);
        float* from = (float*)source + (long)chunk * target.Width * inputs;
        if (tokens == 1)
        {
            BFloat16Rounding.Pack(from, inputs, target.Tile(chunk));
            return;
        }

        uint* rows = stackalloc uint[Block * PairsAtATime];
        for (int start = 0; start < target.Pairs; start += PairsAtATime)
        {
            int pairs = Math.Min(PairsAtATime, target.Pairs - start);
            for (int token = 0; token < tokens; token++)
            {
                int count = Math.Min(pairs * 2, inputs - start * 2);
                BFloat16Rounding.Pack(from + (long)token * inputs + start * 2, count, rows + token * PairsAtATime);
            }

            Interleave(rows, pairs, tokens, target.Tile(chunk) + (long)start * tokens);
        }
    }

    // A block of eight writes eight tokens a pair, of which the next pair overwrites what is too much; so the last blocks are copied.
    private static void Interleave(uint* rows, int pairs, int tokens, uint* to)
    {
        int pair = 0;
        for (; pair + 2 * Block <= pairs; pair += Block)
        {
            Transpose.Block8((float*)rows + pair, PairsAtATime, (float*)to + (long)pair * tokens, tokens);
        }

        for (; pair < pairs; pair++)
        {
            for (int token = 0; token < tokens; token++)
            {
                to[(long)pair * tokens + token] = rows[token * PairsAtATime + pair];
            }
        }
    }
}
