namespace Parley.Tensors;

/// <summary>Which two elements of a head rotary embedding turns together.</summary>
public enum RotaryStyle : byte
{
    /// <summary>Element i with element i + headDim / 2 (GPT-NeoX, Hugging Face Llama).</summary>
    Neox,

    /// <summary>Element 2i with element 2i + 1 (the original RoPE, llama.cpp's arch llama).</summary>
    Interleaved,
}
