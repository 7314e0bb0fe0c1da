using System.Text.Json;

namespace Parley.Inference;

/// <summary>Strings: a language, and lengths in characters (a most below 0: no limit).</summary>
internal sealed record TextShape(TextAutomaton Language, int Min = 0, int Max = -1)
{
    public static TextShape Any { get; } = new(TextAutomaton.Any);

    public bool IsAny => Language.IsAny && Min == 0 && Max < 0;
}

/// <summary>
/// The values that a formula means, sorted by type, each type a union of alternatives. Members of arrays and objects stay formulas, so a
/// recursive schema has a finite shape. Immutable.
/// </summary>
internal sealed record ValueShape
{
    /// <summary>Alternatives of one type at most.</summary>
    private const int MostAlternatives = 400;

    public static ValueShape Nothing { get; } = new();

    public static ValueShape Anything { get; } = new()
    {
        Null = true, True = true, False = true, Numbers = [NumberSet.All], Texts = [TextShape.Any], Arrays = [ArrayShape.Any], Objects = [ObjectShape.Any],
    };

    public bool Null { get; init; }

    public bool True { get; init; }

    public bool False { get; init; }

    public IReadOnlyList<NumberSet> Numbers { get; init; } = [];

    public IReadOnlyList<TextShape> Texts { get; init; } = [];

    public IReadOnlyList<ArrayShape> Arrays { get; init; } = [];

    public IReadOnlyList<ObjectShape> Objects { get; init; } = [];

    /// <summary>Numbers, strings, arrays and objects by themselves (enum, const).</summary>
    public IReadOnlyList<JsonElement> Literals { get; init; } = [];

    public ValueShape Union(ValueShape other) => new ValueShape
    {
        Null = Null || other.Null,
        True = True || other.True,
        False = False || other.False,
        Numbers = [.. Numbers, .. other.Numbers],
        Texts = [.. Texts, .. other.Texts],
        Arrays = [.. Arrays, .. other.Arrays],
        Objects = [.. Objects, .. other.Objects],
        Literals = [.. Literals, .. other.Literals],
    }.Check();

    /// <summary>The values of both.</summary>
    public ValueShape Intersect(ValueShape other, ShapeExpander expander)
    {
        if (ReferenceEquals(this, Anything) || ReferenceEquals(other, Anything))
        {
            return ReferenceEquals(this, Anything) ? other : this;
        }

        return new ValueShape
        {
            Null = Null && other.Null,
            True = True && other.True,
            False = False && other.False,
            Numbers = Pairs(Numbers, other.Numbers, (a, b) => a.Intersect(b), set => set.IsEmpty),
            Texts = Pairs(Texts, other.Texts, (a, b) => Both(a, b, expander.Budget), text => text.Language.IsEmpty || (text.Max >= 0 && text.Max < text.Min)),
            Arrays = Pairs(Arrays, other.Arrays, (a, b) => a.Intersect(b), array => array.IsEmpty),
            Objects = Pairs(Objects, other.Objects, (a, b) => a.Intersect(b), _ => false),
            Literals = [.. Literals.Where(value => expander.Has(other, value)), .. other.Literals.Where(value => expander.Has(this with { Literals = [] }, value))],
        }.Check();
    }

    private static TextShape Both(TextShape a, TextShape b, WorkBudget budget) => new(
        a.Language.Intersect(b.Language, budget),
        Math.Max(a.Min, b.Min),
        a.Max < 0 ? b.Max : b.Max < 0 ? a.Max : Math.Min(a.Max, b.Max));

    private static T[] Pairs<T>(IReadOnlyList<T> a, IReadOnlyList<T> b, Func<T, T, T> both, Func<T, bool> isEmpty) =>
        (long)a.Count * b.Count > MostAlternatives ? throw TooMany() : [.. a.SelectMany(x => b.Select(y => both(x, y))).Where(pair => !isEmpty(pair))];

    private ValueShape Check() =>
        Math.Max(Math.Max(Numbers.Count, Texts.Count), Math.Max(Arrays.Count, Objects.Count)) > MostAlternatives ? throw TooMany() : this;

    private static ConstraintException TooMany() => new($"The schema has more than {MostAlternatives} alternatives for one value; make it simpler.");
}
