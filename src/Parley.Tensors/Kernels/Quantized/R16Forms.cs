namespace Parley.Tensors.Kernels;

/// <summary>
/// A format as a type, so that the compiler drops the branches of the others. The numbers are those of <see cref="R16Formats"/>, once more as
/// constants: a switch would not be inlined, and a call in a tile would push every register to the stack.
/// </summary>
internal interface IR16Form
{
    static abstract R16Format Format { get; }

    /// <summary>Lines of 64 bytes in a block.</summary>
    static abstract int Lines { get; }

    /// <summary>F16 vectors in a block's header.</summary>
    static abstract int Vectors { get; }

    /// <summary>Words a token and block before the activations.</summary>
    static abstract int Terms { get; }

    /// <summary>Bits a number has beyond its nibble: 0, 1 or 2; 4 where it is a whole byte.</summary>
    static abstract int UpperBits { get; }

    /// <summary>Whether the second vector of the header is an addend.</summary>
    static abstract bool HasAdd { get; }
}

internal readonly struct EightForm : IR16Form
{
    public static R16Format Format => R16Format.Eight;

    public static int Lines => 8;

    public static int Vectors => 1;

    public static int Terms => 2;

    public static int UpperBits => 4;

    public static bool HasAdd => false;
}

internal readonly struct FourForm : IR16Form
{
    public static R16Format Format => R16Format.Four;

    public static int Lines => 4;

    public static int Vectors => 1;

    public static int Terms => 2;

    public static int UpperBits => 0;

    public static bool HasAdd => false;
}

internal readonly struct FourAddForm : IR16Form
{
    public static R16Format Format => R16Format.FourAdd;

    public static int Lines => 4;

    public static int Vectors => 2;

    public static int Terms => 2;

    public static int UpperBits => 0;

    public static bool HasAdd => true;
}

internal readonly struct FiveForm : IR16Form
{
    public static R16Format Format => R16Format.Five;

    public static int Lines => 5;

    public static int Vectors => 1;

    public static int Terms => 2;

    public static int UpperBits => 1;

    public static bool HasAdd => false;
}

internal readonly struct FiveAddForm : IR16Form
{
    public static R16Format Format => R16Format.FiveAdd;

    public static int Lines => 5;

    public static int Vectors => 2;

    public static int Terms => 2;

    public static int UpperBits => 1;

    public static bool HasAdd => true;
}

internal readonly struct SixForm : IR16Form
{
    public static R16Format Format => R16Format.Six;

    public static int Lines => 6;

    public static int Vectors => 2;

    public static int Terms => 3;

    public static int UpperBits => 2;

    public static bool HasAdd => false;
}
