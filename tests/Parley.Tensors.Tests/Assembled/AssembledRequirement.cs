using Parley.Testing;

namespace Parley.Tensors.Tests;

/// <summary>Skips a test of assembled kernels where a machine cannot have them, by the name "assembled".</summary>
internal static class AssembledRequirement
{
    public static void Check()
    {
        if (KernelSets.AssembledRefusal is { } reason)
        {
            Requirement.Skip("assembled", $"there are no assembled kernels here: {reason}");
        }
    }
}
