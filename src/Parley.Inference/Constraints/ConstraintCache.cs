using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// The constraints that requests of one model asked for lately, so that a schema that comes with every request is compiled once and its masks are
/// shared. Bounded: the one not used for longest goes. Any thread.
/// </summary>
internal sealed class ConstraintCache(Tokenizer tokenizer, int capacity = 64)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, CompiledConstraint Compiled)>> _known = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, CompiledConstraint Compiled)> _byUse = new();

    /// <exception cref="ParleyException">400: the constraint cannot be honoured; names the parameter.</exception>
    public CompiledConstraint Get(GenerationConstraint constraint) => Get(KeyOf(constraint), () => Compile(constraint));

    /// <summary>For what is compiled in other ways.</summary>
    /// <param name="key">Tells it from all others.</param>
    public CompiledConstraint Get(string key, Func<CompiledConstraint> compile)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(key, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Compiled;
            }
        }

        var compiled = compile();
        lock (_lock)
        {
            if (_known.TryAdd(key, new((key, compiled))))
            {
                _byUse.AddFirst(_known[key]);
            }

            if (_byUse.Count > capacity)
            {
                _known.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }
        }

        return compiled;
    }

    private CompiledConstraint Compile(GenerationConstraint constraint)
    {
        try
        {
            return ConstraintCompiler.From(constraint, tokenizer);
        }
        catch (ConstraintException error)
        {
            throw ParleyException.InvalidRequest(error.Message, constraint.Parameter, "invalid_constraint");
        }
    }

    /// <summary>Tells what is asked for from all else.</summary>
    public static string KeyOf(GenerationConstraint constraint) => constraint switch
    {
        GenerationConstraint.JsonSchema schema => "schema " + schema.Schema,
        GenerationConstraint.Regex regex => "regex " + regex.Pattern,
        GenerationConstraint.Choice choice => "choice " + string.Concat(choice.Texts.Select(text => $"{text.Length} {text}")),
        GenerationConstraint.Grammar grammar => "grammar " + grammar.Rules,
        _ => "json",
    };
}
