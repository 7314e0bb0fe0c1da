using System.Diagnostics;

namespace Parley.Tensors.Kernels;

/// <summary>Runs a kernel at the width of the context, cut into chunks that the workers take. The one place that switches on width.</summary>
internal static class KernelDriver
{
    /// <param name="context">Gives width and workers.</param>
    /// <param name="kernel">What to do; copied to the workers.</param>
    /// <param name="items">How many items there are.</param>
    /// <param name="grain">Items in a chunk: enough work to be worth a hand-over.</param>
    internal static void Run<TKernel>(ComputeContext context, in TKernel kernel, int items, int grain)
        where TKernel : struct, IKernel
    {
        if (items == 0) return;
        switch (context.Lanes)
        {
            case KernelSet.Vector512: Spread<TKernel, Lanes512>(context, kernel, items, grain); break;
            case KernelSet.Vector256: Spread<TKernel, Lanes256>(context, kernel, items, grain); break;
            case KernelSet.Vector128: Spread<TKernel, Lanes128>(context, kernel, items, grain); break;
            default: Spread<TKernel, LanesScalar>(context, kernel, items, grain); break;
        }
    }

    private static void Spread<TKernel, TLanes>(ComputeContext context, in TKernel kernel, int items, int grain)
        where TKernel : struct, IKernel
        where TLanes : struct, ILanes<TLanes>
    {
        if (items <= grain || context.Workers.Threads == 1)
        {
            long started = context.Workers.Profile is null ? 0 : Stopwatch.GetTimestamp();
            kernel.Execute<TLanes>(0, items);
            context.Workers.Profile?.Add(typeof(TKernel), started);
            return;
        }

        context.Workers.Run(new Chunks<TKernel, TLanes>(kernel, items, grain), (items - 1) / grain + 1);
    }

    private readonly struct Chunks<TKernel, TLanes>(TKernel kernel, int items, int grain) : IWork
        where TKernel : struct, IKernel
        where TLanes : struct, ILanes<TLanes>
    {
        public void Execute(int chunk) => kernel.Execute<TLanes>(chunk * grain, Math.Min(items, (chunk + 1) * grain));
    }
}
