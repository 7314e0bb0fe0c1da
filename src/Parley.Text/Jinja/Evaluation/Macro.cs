namespace Parley.Text.Jinja;

/// <summary>A macro, or the body of a call block: called, it yields what its body prints. It sees the variables around its definition.</summary>
internal sealed class Macro(MacroSignature signature, Block body, Scope definedIn) : JinjaFunction(signature.Name)
{
    private const string Caller = "caller";

    public override JinjaValue Call(Interpreter interpreter, Arguments arguments)
    {
        var parameters = signature.Parameters;
        interpreter.Meter.Step(parameters.Count + (((long)parameters.Count * arguments.Named.Count) >> 4));
        var bound = arguments.Bind([.. parameters.Select(parameter => parameter.Name), Caller]);
        if (arguments.Positional.Count > parameters.Count)
            throw new JinjaFault($"{Name} takes at most {parameters.Count} arguments, not {arguments.Positional.Count}");
        var scope = new Scope(definedIn);
        scope.Set(Caller, bound[^1] ?? JinjaUndefined.Name(Caller));
        for (var i = 0; i < parameters.Count; i++)
        {
            var (name, otherwise) = parameters[i];
            var value = bound[i] ?? (otherwise is null ? null : interpreter.Evaluator.Evaluate(otherwise, scope));
            scope.Set(name, value ?? new JinjaUndefined($"parameter '{name}' was not provided"));
        }

        return interpreter.Capture(body, scope);
    }
}
