using Parley.Tensors;

namespace Parley.Models;

/// <summary>Where a tensor of ours lies in a Hugging Face folder.</summary>
/// <param name="Whole">The stored tensor as rows of outputs, [out, in], also where the file has it the other way round.</param>
/// <param name="FirstRow">Our first row in it.</param>
/// <param name="IsTransposed">True for GPT-2's matrices, which lie as [in, out].</param>
internal readonly record struct HuggingFacePlace(string Name, Shape Whole, int FirstRow = 0, bool IsTransposed = false);
