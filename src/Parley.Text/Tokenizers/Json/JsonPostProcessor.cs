namespace Parley.Text;

/// <summary>The post_processor of a tokenizer.json: which tokens stand around a single text.</summary>
internal static class JsonPostProcessor
{
    public static TokenizerHabits Read(JsonPart root)
    {
        var habits = TokenizerHabits.None;
        return root.TryGet("post_processor", out var processor) ? Read(processor, habits) : habits;
    }

    private static TokenizerHabits Read(JsonPart part, TokenizerHabits habits)
    {
        var type = part.Text("type");
        switch (type)
        {
            case "ByteLevel":
                return habits;
            case "Sequence":
                return part.List("processors").Aggregate(habits, (before, step) => Read(step, before));
            case "BertProcessing" or "RobertaProcessing":
                return habits with { Prefix = [Pair(part.Get("cls"))], Suffix = [Pair(part.Get("sep"))] };
            case "TemplateProcessing":
                return ReadTemplate(part, habits);
            default:
                part.Refuse($"a '{type}'");
                return habits;
        }
    }

    private static TokenizerHabits ReadTemplate(JsonPart part, TokenizerHabits habits)
    {
        var (before, after, seen) = (new List<int>(), new List<int>(), false);
        foreach (var step in part.List("single"))
        {
            if (step.TryGet("Sequence", out _))
                seen = true;
            else
                (seen ? after : before).AddRange(Ids(part, step.Get("SpecialToken").Text("id")));
        }

        return habits with { Prefix = before, Suffix = after };
    }

    private static IEnumerable<int> Ids(JsonPart template, string name) =>
        template.Get("special_tokens").Get(name).Get("ids").Items().Select(id => id.AsInteger());

    private static int Pair(JsonPart part) => part.Items().ToArray() is [_, var id] ? id.AsInteger() : throw part.Error("is not a token and its id");
}
