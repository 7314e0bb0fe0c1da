using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Parley.Text;

/// <summary>
/// The ids of short words that were seen lately, for all threads and without a lock: slots of half a cache line, two to a set, the newer word first. A
/// slot has a version that is odd while it is written; who meets a change while reading takes the word for unknown. It grows with what is stored up to a
/// bound, and a newcomer takes the place of the older word of its set, so a flood of odd words cannot lock out the common ones.
/// </summary>
internal sealed class ShortWords
{
    /// <summary>Ids of one word; words with more are not kept here.</summary>
    public const int MostIds = 3;

    private const int LeastBits = 7;
    private const int MostBits = 18;
    private const int None = -1;

    private Table _table = new(LeastBits);

    /// <summary>Writes the ids of a word and returns how many; 0 when it is not known.</summary>
    /// <param name="key">The word.</param>
    /// <param name="ids">Room for <see cref="MostIds"/>, all of which may be written.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(in WordKey key, Span<int> ids)
    {
        // Which of the two slots, and how many ids, is computed without a branch: it could not be predicted, and the loads of the next words would wait.
        var slots = _table.Slots;
        var set = _table.Set(key);
        ref var slot = ref slots[set + ((((slots[set].Key.Low ^ key.Low) | (slots[set].Key.High ^ key.High)) != 0) ? 1 : 0)];
        var version = Volatile.Read(ref slot.Version);
        var isOther = ((slot.Key.Low ^ key.Low) | (slot.Key.High ^ key.High)) != 0;
        var (first, second, third) = (slot.First, slot.Second, slot.Third);
        Volatile.ReadBarrier();
        if (isOther || (version & 1) != 0 || slot.Version != version)
            return 0;
        ids[2] = third;
        (ids[0], ids[1]) = (first, second);
        return 3 + (second >> 31) + (third >> 31);
    }

    /// <summary>Remembers a word of one to <see cref="MostIds"/> ids.</summary>
    public void Store(in WordKey key, ReadOnlySpan<int> ids)
    {
        var table = _table;
        if (table.IsFull && table.Bits < MostBits)
        {
            // What was known is lost, which costs each word one more merge in a tokenizer's life.
            Interlocked.CompareExchange(ref _table, new Table(Math.Min(MostBits, table.Bits + 3)), table);
            table = _table;
        }

        table.Stored++;
        var set = table.Set(key);
        ref var first = ref table.Slots[set];
        if (!TryBegin(ref first))
            return;
        Demote(first, ref table.Slots[set + 1]);
        (first.Key, first.First, first.Second, first.Third) = (key, ids[0], ids.Length > 1 ? ids[1] : None, ids.Length > 2 ? ids[2] : None);
        End(ref first);
    }

    private static void Demote(in Slot word, ref Slot place)
    {
        if (word.Key == default || !TryBegin(ref place))
            return;
        (place.Key, place.First, place.Second, place.Third) = (word.Key, word.First, word.Second, word.Third);
        End(ref place);
    }

    private static bool TryBegin(ref Slot slot)
    {
        var version = Volatile.Read(ref slot.Version);
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref slot.Version, version + 1, version) != version)
            return false;
        Volatile.WriteBarrier();
        return true;
    }

    private static void End(ref Slot slot) => Volatile.Write(ref slot.Version, slot.Version + 1);

    [StructLayout(LayoutKind.Sequential)]
    private struct Slot
    {
        public WordKey Key;
        public int Version;
        public int First;
        public int Second;
        public int Third;
    }

    private sealed class Table(int bits)
    {
        public readonly Slot[] Slots = new Slot[1 << bits];

        /// <summary>How many words came in; races may lose some, which does no harm.</summary>
        public int Stored;

        public int Bits => bits;

        public bool IsFull => Stored > Slots.Length / 4;

        /// <summary>The first of the two slots in which a word may be.</summary>
        public int Set(in WordKey key) => (int)(key.Hash >> (64 - bits)) & ~1;
    }
}
