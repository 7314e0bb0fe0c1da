namespace Parley.Tensors.Kernels;

/// <summary>Where a matrix product goes.</summary>
/// <param name="Data">The first element, F32.</param>
/// <param name="Stride">Floats from one row to the next.</param>
/// <param name="Bias">One float per column added to the finished chain, or 0.</param>
/// <param name="Accumulate">Whether chains begin with what is there rather than with 0: a sum over more depth, in one order however it is cut.</param>
/// <param name="Scratch">Room for one block of chains per worker: where tiles that are not whole rest.</param>
/// <param name="ScratchFloats">From one worker's room to the next.</param>
/// <param name="Assembled">Whether products of pairs run on assembled tiles.</param>
internal readonly record struct MatMulTarget(nint Data, long Stride, nint Bias, bool Accumulate, nint Scratch = 0, long ScratchFloats = 0, bool Assembled = false);
