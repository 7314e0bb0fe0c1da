using Parley.Corpus.Generators.TinyWorlds;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>What the user told earlier and asks for later; what was never told; facts given in the question itself.</summary>
internal static class MemoryTopics
{
    private static readonly string[] PetNames = ["Rex", "Luna", "Milo", "Bella", "Pip", "Coco", "Oscar", "Daisy", "Toby", "Nala", "Fips", "Socks"];

    public static void TellName(DialogueDraft draft)
    {
        var name = draft.Random.Pick(TinyWorldWords.Names);
        draft.UserName = name;
        draft.Told.Add((["What is my name?", "What's my name?", "Do you remember my name?", "Who am I?", "Do you know my name?"], $"Your name is {name}."));
        draft.SayLegibly(
            draft.Pick(
                $"My name is {name}.", $"I am {name}.", $"I'm {name}.", $"Call me {name}.", $"Hi, I am {name}.", $"Hello, my name is {name}.",
                $"Hey, {name} here."),
            draft.Pick($"Nice to meet you, {name}!", $"Hello, {name}! How can I help you?", $"It is nice to meet you, {name}."));
    }

    public static void TellFact(DialogueDraft draft)
    {
        switch (draft.Random.Next(4))
        {
            case 0:
                TellFavourite(draft);
                break;
            case 1:
                TellPet(draft);
                break;
            case 2:
                var city = draft.Random.Pick(WordTable.Capitals)[1];
                draft.Told.Add((["Where do I live?", "Which city do I live in?", "Do you remember where I live?"], $"You live in {city}."));
                draft.SayLegibly(
                    draft.Pick($"I live in {city}.", $"I am from {city}, and I live there."),
                    draft.Pick(
                        $"How nice! Do you like {city}?", $"{city} sounds interesting.", $"Thank you for telling me that you live in {city}."));
                break;
            default:
                var age = draft.Random.Between(8, 80);
                draft.Told.Add((["How old am I?", "What is my age?", "Do you remember how old I am?"], $"You are {age} years old."));
                draft.SayLegibly(
                    draft.Pick($"I am {age} years old.", $"I'm {age}.", $"I am {age}."),
                    draft.Pick("Thank you for telling me.", $"{age} is a good age.", $"So you are {age} years old."));
                break;
        }
    }

    /// <summary>Asks for one of the things told; without any, admits that nothing was.</summary>
    public static void AskBack(DialogueDraft draft)
    {
        if (draft.Told.Count == 0)
        {
            NeverTold(draft);
            return;
        }

        var (asks, answer) = draft.Random.Pick(draft.Told);
        draft.Say(draft.Pick(asks), answer);
    }

    public static void NeverTold(DialogueDraft draft)
    {
        var thing = draft.Pick("name", "age", "favourite colour", "favourite food", "birthday", "address", "job");
        if (draft.Told.Exists(told => told.Answer.Contains(thing, StringComparison.Ordinal)) || (thing == "age" && draft.Told.Count > 0))
            thing = "birthday";
        draft.Say(
            draft.Pick($"What is my {thing}?", $"Do you know my {thing}?", $"What's my {thing}?"),
            draft.Pick($"You have not told me your {thing} yet.", $"I do not know your {thing}. You have not told me."));
    }

    /// <summary>Facts and a question in one message, as in the tiny world.</summary>
    public static void Lookup(DialogueDraft draft)
    {
        var scene = draft.Random.Pick<Func<CounterRandom, TinyWorldSplit, Scene>>([SceneFamilies.Has, SceneFamilies.Place, SceneFamilies.List])(draft.Random, TinyWorldSplit.Training);
        var turns = draft.Random.Sample(scene.Questions, draft.Random.Between(1, 2));
        draft.SayExactly($"{scene.Context} {turns[0].Ask}", turns[0].Answer);
        foreach (var (ask, answer) in turns.Skip(1))
            draft.SayExactly(ask, answer);
    }

    private static void TellFavourite(DialogueDraft draft)
    {
        var (kind, list) = draft.Random.Pick<(string, string)>(
            [("colour", "colours"), ("fruit", "fruits"), ("animal", "animals"), ("sport", "sports"), ("drink", "drinks"), ("bird", "birds"), ("flower", "flowers")]);
        var value = draft.Random.Pick(WordTable.Lists.First(row => row[0] == list)[1].Split(", "));
        draft.Told.Add(([$"What is my favourite {kind}?", $"What's my favourite {kind}?", $"Which {kind} do I like best?", $"Do you remember my favourite {kind}?"], $"Your favourite {kind} is {value}."));
        draft.SayLegibly(
            draft.Pick($"My favourite {kind} is {value}.", $"The {kind} I like best is {value}."),
            draft.Pick(
                "Good choice! I will remember that while we talk.", $"{Typing.UpperFirst(value)} is a good choice.",
                $"So your favourite {kind} is {value}."));
    }

    private static void TellPet(DialogueDraft draft)
    {
        var (pet, name) = (draft.Pick("dog", "cat", "rabbit", "horse", "parrot", "hamster"), draft.Pick(PetNames));
        draft.Told.Add(([$"What is my {pet} called?", $"What is the name of my {pet}?", $"Do you remember the name of my {pet}?"], $"Your {pet} is called {name}."));
        draft.SayLegibly(
            draft.Pick($"I have a {pet} called {name}.", $"I have a {pet}. Its name is {name}.", $"My {pet} is called {name}."),
            draft.Pick($"How nice! Please say hello to {name}.", $"{name} is a good name for a {pet}.", $"What does {name} like to do?"));
    }
}
