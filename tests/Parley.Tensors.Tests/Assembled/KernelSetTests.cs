using System.Runtime.Intrinsics;
using Parley.Tensors.Kernels;
using static Iced.Intel.AssemblerRegisters;

namespace Parley.Tensors.Tests;

/// <summary>Which kernels a context gets, and what happens where there are no assembled ones.</summary>
public sealed class KernelSetTests
{
    [Fact]
    public void Assembled_kernels_are_the_choice_of_a_machine_that_has_them_and_refused_with_the_reason_elsewhere()
    {
        if (KernelSets.AssembledRefusal is { } reason)
        {
            var exception = Assert.Throws<PlatformNotSupportedException>(() => KernelSets.Choose(KernelSet.Assembled, null));
            Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
            Assert.NotEqual(KernelSet.Assembled, KernelSets.Choose(KernelSet.Auto, null));
            return;
        }

        Assert.Equal(KernelSet.Assembled, KernelSets.Choose(KernelSet.Auto, null));
        using ComputeContext context = new(1, KernelSet.Assembled);
        Assert.Equal((KernelSet.Assembled, KernelSet.Vector512), (context.Kernels, context.Lanes));
    }

    [Theory]
    [InlineData("reference", KernelSet.Reference)]
    [InlineData("VECTOR128", KernelSet.Vector128)]
    [InlineData("vector256", KernelSet.Vector256)]
    [InlineData("Vector512", KernelSet.Vector512)]
    public void The_environment_overrides_auto_and_nothing_else(string variable, KernelSet expected)
    {
        Assert.Equal(expected, KernelSets.Choose(KernelSet.Auto, variable));
        Assert.Equal(KernelSet.Vector256, KernelSets.Choose(KernelSet.Vector256, variable));
    }

    [Theory]
    [InlineData("")]
    [InlineData("auto")]
    [InlineData(null)]
    public void Without_a_name_auto_is_the_last_set_in_hardware(string? variable)
    {
        var set = KernelSets.Choose(KernelSet.Auto, variable);
        Assert.True(KernelSets.InHardware(set));
        Assert.Equal(!Vector256.IsHardwareAccelerated, set < KernelSet.Vector256);
    }

    [Theory]
    [InlineData("avx2")]
    [InlineData("3")]
    public void A_name_that_is_no_set_is_an_error_that_lists_them(string variable)
    {
        var exception = Assert.Throws<ArgumentException>(() => KernelSets.Choose(KernelSet.Auto, variable));
        Assert.Contains($"PARLEY_KERNELS is '{variable}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("reference, vector128, vector256, vector512, assembled", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void Code_is_executable_and_no_longer_writable()
    {
        AssembledRequirement.Check();
        using var pages = KernelAssembler.Assemble(code => code.lea(rax, __[rdi * 2]));
        Assert.Equal(84, ((delegate* unmanaged<nint, nint>)pages.Address)(42));
        if (OperatingSystem.IsLinux())
        {
            // Pages of other kernels with the same rights beside these are one range with them.
            var line = File.ReadLines("/proc/self/maps").First(line => Holds(line.Split(' ')[0].Split('-'), pages.Address));
            Assert.Contains(" r-xp ", line, StringComparison.Ordinal);
        }

        pages.Dispose();
        Assert.Equal(0, pages.Address);
    }

    private static bool Holds(string[] range, nint address) =>
        Convert.ToUInt64(range[0], 16) <= (ulong)address && (ulong)address < Convert.ToUInt64(range[1], 16);
}
