using System.Runtime.Intrinsics;
using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <summary>Which kernel sets this machine has, and which one <see cref="KernelSet.Auto"/> means.</summary>
public static class KernelSets
{
    /// <summary>Overrides <see cref="KernelSet.Auto"/> for a whole process.</summary>
    public const string Variable = "PARLEY_KERNELS";

    /// <summary>Every set, from the plainest to the fastest.</summary>
    public static IReadOnlyList<KernelSet> All { get; } =
        [KernelSet.Reference, KernelSet.Vector128, KernelSet.Vector256, KernelSet.Vector512, KernelSet.Assembled];

    /// <summary>Whether this machine runs the set in hardware. Vector sets compute without it too, slowly.</summary>
    public static bool InHardware(KernelSet set) => set switch
    {
        KernelSet.Assembled => AssembledSupport.IsAvailable,
        KernelSet.Vector512 => Vector512.IsHardwareAccelerated,
        KernelSet.Vector256 => Vector256.IsHardwareAccelerated,
        KernelSet.Vector128 => Vector128.IsHardwareAccelerated,
        _ => true,
    };

    /// <summary>Why the assembled kernels are not there, or null when they are.</summary>
    public static string? AssembledRefusal => AssembledSupport.Reason;

    /// <summary>The set to compute with when <paramref name="wanted"/> is asked for; never <see cref="KernelSet.Auto"/>.</summary>
    /// <exception cref="PlatformNotSupportedException">The assembled kernels were asked for and are not there.</exception>
    /// <exception cref="ArgumentException">PARLEY_KERNELS names no set.</exception>
    public static KernelSet Choose(KernelSet wanted) => Choose(wanted, Environment.GetEnvironmentVariable(Variable));

    internal static KernelSet Choose(KernelSet wanted, string? variable)
    {
        KernelSet set = wanted == KernelSet.Auto ? Parse(variable) : wanted;
        if (set == KernelSet.Auto)
        {
            return All.Last(InHardware);
        }

        return set != KernelSet.Assembled || AssembledSupport.IsAvailable
            ? set
            : throw new PlatformNotSupportedException($"There are no assembled kernels here: {AssembledSupport.Reason}; choose another set.");
    }

    private static KernelSet Parse(string? variable)
    {
        if (string.IsNullOrWhiteSpace(variable) || variable.Equals(nameof(KernelSet.Auto), StringComparison.OrdinalIgnoreCase))
        {
            return KernelSet.Auto;
        }

        foreach (KernelSet set in All)
        {
            if (variable.Equals(set.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return set;
            }
        }

        throw new ArgumentException(
            $"{Variable} is '{variable}', which is no kernel set; use auto, {string.Join(", ", All.Select(set => set.ToString().ToLowerInvariant()))}.");
    }
}
