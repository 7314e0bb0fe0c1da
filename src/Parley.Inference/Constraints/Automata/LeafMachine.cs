namespace Parley.Inference;

/// <summary>
/// A regular language over bytes, made as it is walked. Its states are small numbers; every state but the dead one can still reach an accepting one.
/// Not safe for several threads: the automaton that holds it is locked.
/// </summary>
internal abstract class LeafMachine
{
    /// <summary>No text goes on from here to an accepted one.</summary>
    public const int Dead = -1;

    public abstract int Start { get; }

    /// <summary>The state after one more byte, or <see cref="Dead"/>.</summary>
    public abstract int Step(int state, byte value);

    public abstract bool Accepts(int state);

    /// <summary>How many characters may follow whatever they are, as long as none is a quote, a backslash or a control character.</summary>
    public virtual int AnyCharacters(int state) => 0;
}
