using System.Globalization;

namespace Parley.Models;

/// <summary>
/// One metadata value with its GGUF type: a boxed scalar, a string, or an array kept as the matching .NET array
/// (<c>string[]</c>, <c>int[]</c>, <c>float[]</c> ...; an array of arrays is a <c>GgufValue[]</c>).
/// </summary>
public sealed class GgufValue
{
    private GgufValue(GgufType type, object content, GgufType? elementType = null) => (Type, Content, ElementType) = (type, content, elementType);

    public GgufType Type { get; }

    /// <summary>The type of an array's elements; null for a scalar.</summary>
    public GgufType? ElementType { get; }

    public object Content { get; }

    public static implicit operator GgufValue(uint value) => new(GgufType.UInt32, value);

    public static implicit operator GgufValue(int value) => new(GgufType.Int32, value);

    public static implicit operator GgufValue(ulong value) => new(GgufType.UInt64, value);

    public static implicit operator GgufValue(float value) => new(GgufType.Float32, value);

    public static implicit operator GgufValue(bool value) => new(GgufType.Bool, value);

    public static implicit operator GgufValue(string value) => new(GgufType.String, value);

    public static implicit operator GgufValue(string[] values) => new(GgufType.Array, values, GgufType.String);

    public static implicit operator GgufValue(int[] values) => new(GgufType.Array, values, GgufType.Int32);

    public static implicit operator GgufValue(float[] values) => new(GgufType.Array, values, GgufType.Float32);

    /// <summary>Any scalar; <paramref name="content"/> is the .NET value that belongs to <paramref name="type"/>.</summary>
    public static GgufValue Scalar(GgufType type, object content) => new(type, content);

    /// <summary>Any array; <paramref name="elements"/> is the .NET array that belongs to <paramref name="elementType"/>.</summary>
    public static GgufValue Array(GgufType elementType, Array elements) => new(GgufType.Array, elements, elementType);

    /// <summary>A scalar integer of any width that fits in 64 signed bits; null for anything else.</summary>
    public long? AsInteger() => Type switch
    {
        GgufType.UInt64 => (ulong)Content <= long.MaxValue ? (long)(ulong)Content : null,
        GgufType.Float32 or GgufType.Float64 or GgufType.Bool or GgufType.String or GgufType.Array => null,
        _ => Convert.ToInt64(Content, CultureInfo.InvariantCulture),
    };

    /// <summary>A scalar number of any kind; null for anything else.</summary>
    public double? AsNumber() => Type is GgufType.Bool or GgufType.String or GgufType.Array
        ? null
        : Convert.ToDouble(Content, CultureInfo.InvariantCulture);

    public string? AsText() => Content as string;

    public bool? AsFlag() => Content as bool?;

    public IReadOnlyList<string>? AsTexts() => Content as string[];

    /// <summary>An array of integers of 8 to 32 bits as Int32; null for anything else.</summary>
    public IReadOnlyList<int>? AsIntegers() => Content switch
    {
        int[] values => values,
        uint[] values when values.All(value => value <= int.MaxValue) => System.Array.ConvertAll(values, value => (int)value),
        short[] values => System.Array.ConvertAll(values, value => (int)value),
        ushort[] values => System.Array.ConvertAll(values, value => (int)value),
        sbyte[] values => System.Array.ConvertAll(values, value => (int)value),
        byte[] values => System.Array.ConvertAll(values, value => (int)value),
        _ => null,
    };

    public IReadOnlyList<float>? AsNumbers() => Content as float[];

    public override string ToString() => Content is Array array
        ? string.Create(CultureInfo.InvariantCulture, $"{ElementType}[{array.Length}]")
        : Convert.ToString(Content, CultureInfo.InvariantCulture)!;
}
