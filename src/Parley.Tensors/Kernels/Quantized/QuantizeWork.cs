using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>Rounds rows of activations into panels, by <see cref="BlockRounding"/>. A chunk is some panels.</summary>
internal readonly unsafe struct QuantizeWork(float* rows, ActivationPanels panels, int panelsPerChunk, bool scalar) : IWork
{
    private readonly float* _rows = rows;

    public void Execute(int chunk)
    {
        int end = Math.Min(panels.PanelCount, (chunk + 1) * panelsPerChunk);
        for (int panel = chunk * panelsPerChunk; panel < end; panel++)
        {
            int first = panels.First(panel), width = panels.Width(panel);
            for (int token = 0; token < width; token++)
            {
                Row(_rows + (long)(first + token) * panels.Depth, (int*)panels.Panel(panel) + token, width);
            }
        }
    }

    private void Row(float* row, int* target, int width)
    {
        int whole = panels.Depth / R16Matrix.BlockLength;
        Blocks(row, whole, target, width);
        if (whole == panels.Blocks)
        {
            return;
        }

        float* padded = stackalloc float[R16Matrix.BlockLength];
        for (int i = 0; i < R16Matrix.BlockLength; i++)
        {
            padded[i] = whole * R16Matrix.BlockLength + i < panels.Depth ? row[whole * R16Matrix.BlockLength + i] : 0;
        }

        Blocks(padded, 1, target + (long)whole * panels.Words * width, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Blocks(float* x, int blocks, int* target, int width)
    {
        int offset = -panels.Format.Offset;
        bool halves = panels.Format == R16Format.Six, add = panels.Format.HasAdd;
        int* steps = stackalloc int[R16Matrix.StepsPerBlock];
        for (; blocks > 0; blocks--, x += R16Matrix.BlockLength, target += width)
        {
            float scale = scalar ? BlockRounding.Scalar(x, (sbyte*)steps, out int low, out int high) : BlockRounding.Vector(x, (sbyte*)steps, out low, out high);
            *(float*)target = scale;
            target += width;
            if (halves)
            {
                *target = offset * low;
                target += width;
                *target = offset * high;
            }
            else
            {
                *target = add ? BitConverter.SingleToInt32Bits(scale * (low + high)) : offset * (low + high);
            }

            for (int step = 0; step < R16Matrix.StepsPerBlock; step += 4)
            {
                target[width] = steps[step];
                target[2 * width] = steps[step + 1];
                target[3 * width] = steps[step + 2];
                target[4 * width] = steps[step + 3];
                target += 4 * width;
            }
        }
    }
}
