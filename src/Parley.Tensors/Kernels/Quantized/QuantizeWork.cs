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
            for (int column = 0; column < width; column += panels.Parts)
            {
                Row(_rows + (long)(first + column / panels.Parts) * panels.Depth, (int*)panels.Panel(panel) + column, width);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Blocks(float* x, int blocks, int* target, int width)
    {
        int offset = -panels.Format.Offset;
        int stride = panels.Words * width;
        int* steps = stackalloc int[R16Matrix.StepsPerBlock];
        float* remainder = stackalloc float[R16Matrix.BlockLength];
        for (; blocks > 0; blocks--, x += R16Matrix.BlockLength, target += stride)
        {
            float scale = scalar ? BlockRounding.Scalar(x, (sbyte*)steps, out int low, out int high) : BlockRounding.Vector(x, (sbyte*)steps, out low, out high);
            Put(target, width, steps, scale, offset, low, high);
            if (panels.Parts == 2)
            {
                BlockRounding.Remainder(x, (sbyte*)steps, scale, remainder);
                scale = scalar ? BlockRounding.Scalar(remainder, (sbyte*)steps, out low, out high) : BlockRounding.Vector(remainder, (sbyte*)steps, out low, out high);
                Put(target + 1, width, steps, scale, offset, low, high);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(int* target, int width, int* steps, float scale, int offset, int low, int high)
    {
        *(float*)target = scale;
        target += width;
        if (panels.Format == R16Format.Six)
        {
            *target = offset * low;
            target += width;
            *target = offset * high;
        }
        else
        {
            *target = panels.Format.HasAdd ? BitConverter.SingleToInt32Bits(scale * (low + high)) : offset * (low + high);
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
