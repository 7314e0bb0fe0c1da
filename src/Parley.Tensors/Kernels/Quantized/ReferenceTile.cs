namespace Parley.Tensors.Kernels;

/// <summary>The definition of <see cref="R16Tile"/>: any format, any number of groups and tokens, one number after the other.</summary>
internal static unsafe class ReferenceTile
{
    public static void Run(R16Tile* tile)
    {
        for (int group = 0; group < tile->Groups; group++)
        {
            byte* weights = tile->Weights + group * tile->GroupStride;
            for (int token = 0; token < tile->Tokens; token++)
            {
                float* output = (float*)((byte*)tile->Output + token * tile->TokenStride + group * tile->GroupOutputStride);
                for (int row = 0; row < R16Matrix.GroupRows; row++)
                {
                    output[row] = Row(tile, weights, row, token);
                }
            }
        }
    }

    private static float Row(R16Tile* tile, byte* weights, int row, int token)
    {
        R16Format format = tile->Format;
        Half* header = (Half*)weights + row;
        byte* numbers = weights + tile->NumbersOffset + row * 4;
        int* activations = (int*)tile->Activations + token;
        float sum = 0;
        for (long block = 0; block < tile->Blocks; block++)
        {
            float scale = BitConverter.Int32BitsToSingle(activations[0]);
            int term = activations[tile->Tokens], second = activations[2 * tile->Tokens];
            int* steps = activations + format.Terms * tile->Tokens;
            if (format == R16Format.Six)
            {
                sum = Step(term + Dot(format, numbers, steps, tile->Tokens, 0, 4), (float)header[0], scale, sum);
                sum = Step(second + Dot(format, numbers, steps, tile->Tokens, 4, 8), (float)header[R16Matrix.GroupRows], scale, sum);
            }
            else
            {
                int dot = Dot(format, numbers, steps, tile->Tokens, 0, 8);
                sum = Step(format.HasAdd ? dot : term + dot, (float)header[0], scale, sum);
                sum = format.HasAdd ? MathF.FusedMultiplyAdd((float)header[R16Matrix.GroupRows], BitConverter.Int32BitsToSingle(term), sum) : sum;
            }

            header += format.Vectors * R16Matrix.GroupRows;
            numbers += format.Lines * R16Matrix.LineBytes;
            activations += (format.Terms + R16Matrix.StepsPerBlock) * tile->Tokens;
        }

        return sum;
    }

    private static float Step(int dot, float weightScale, float activationScale, float sum) =>
        MathF.FusedMultiplyAdd((float)dot * weightScale, activationScale, sum);

    private static int Dot(R16Format format, byte* numbers, int* steps, int tokens, int first, int end)
    {
        int dot = 0;
        for (int step = first; step < end; step++)
        {
            for (int b = 0; b < 4; b++)
            {
                dot += Number(format, numbers + b, step) * ((sbyte*)(steps + step * tokens))[b];
            }
        }

        return dot;
    }

    /// <summary>The unsigned number of one step; <paramref name="line"/> is its byte in the block's first line.</summary>
    private static int Number(R16Format format, byte* line, int step)
    {
        const int Line = R16Matrix.LineBytes;
        if (format == R16Format.Eight)
        {
            return line[step * Line];
        }

        int low = (line[step % 4 * Line] >> (step / 4 * 4)) & 15;
        return format switch
        {
            R16Format.Five or R16Format.FiveAdd => low | (((line[4 * Line] >> step) & 1) << 4),
            R16Format.Six => low | (((line[(4 + step / 4) * Line] >> (step % 4 * 2)) & 3) << 4),
            _ => low,
        };
    }
}
