namespace Parley.Text.Jinja;

/// <summary>Puts a value into a name, an attribute of a namespace, or several names at once.</summary>
internal static class Assignment
{
    public static void Assign(AssignmentTarget target, JinjaValue value, Scope scope, Meter meter)
    {
        switch (target)
        {
            case AssignmentTarget.Name name:
                scope.Set(name.Text, value);
                break;
            case AssignmentTarget.Attribute attribute:
                if (scope.Get(attribute.Target) is not JinjaNamespace space)
                    throw new JinjaFault($"'{attribute.Target}' is not a namespace; only attributes of a namespace can be assigned.");
                if (!space.Attributes.ContainsKey(attribute.Text))
                    meter.Elements(1);
                space.Attributes[attribute.Text] = value;
                break;
            case AssignmentTarget.Several several:
                var values = Sequences.Items(value, meter);
                if (values.Count != several.Targets.Count)
                    throw new JinjaFault($"{values.Count} values cannot be unpacked into {several.Targets.Count} names.");
                for (var i = 0; i < values.Count; i++)
                    Assign(several.Targets[i], values[i], scope, meter);
                break;
        }
    }
}
