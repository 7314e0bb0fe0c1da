namespace Parley.Host.Benches.Engines;

/// <summary>One thing that is measured on both sides, and what must come of it.</summary>
/// <param name="Name">What the table says.</param>
/// <param name="Text">What a side is asked; it answers with seconds.</param>
/// <param name="Tokens">Tokens of one answer, to make a rate; null where the seconds themselves are the figure.</param>
internal sealed record EngineQuestion(string Name, string Text, int? Tokens)
{
    public static EngineQuestion Prefill { get; } = new("prefill 512", "prefill 512", 512);

    public static EngineQuestion Decode { get; } = new("decode 128", "decode 1 128", 128);

    public static EngineQuestion Together { get; } = new("16 sequences decode", "decode 16 32", 16 * 32);

    public static EngineQuestion Clients { get; } = new("first token of 8 clients", "clients 8 128", null);

    public static IReadOnlyList<EngineQuestion> All { get; } = [Prefill, Decode, Together, Clients];

    /// <summary>The ratio to the peer that is promised on Qwen3-0.6B; 1 is "ahead".</summary>
    public double Goal(string type) => (type, Text) switch
    {
        ("q8_0", "prefill 512") => 4,
        ("q8_0", "decode 1 128") => 1.35,
        ("q8_0", "decode 16 32") => 3.7,
        ("q4_0", "prefill 512") => 2.5,
        ("q4_0", "decode 1 128") => 1.2,
        ("q4_0", "decode 16 32") => 2.9,
        _ => 1,
    };
}
