using System.CommandLine;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;

namespace Parley.Host.Verbs;

/// <summary>The verbs <c>parley models</c>: models by name, what a model holds, and the same model in another form.</summary>
internal static class ModelsVerb
{
    private static readonly string[] Types = ["f32", "f16", "bf16", "q8_0"];

    public static Command Create() => new("models", "Store, look into and convert models.")
    {
        ModelsImportVerb.Create(), ModelsListVerb.Create(), ModelsInspectVerb.Create(), ModelsVerifyVerb.Create(), ModelsQuantizeVerb.Create(), ModelsMergeVerb.Create(), Export(),
    };

    private static Command Export()
    {
        var input = ModelPlace.Argument("in");
        var models = ModelPlace.StoreFolder();
        var output = new Argument<string>("out") { Description = "The .gguf file to write; replaced only when the new one is whole." };
        var type = new Option<string>("--dtype") { Description = "How matrices are stored.", DefaultValueFactory = _ => "q8_0" };
        type.AcceptOnlyFromAmong(Types);
        var name = new Option<string?>("--name") { Description = "The name inside the file; default: the output's file name." };
        var command = new Command("export", "Write a model as one GGUF file that llama.cpp reads too.") { input, output, type, name, models };
        command.Aliases.Add("convert");
        command.SetAction(parsed =>
        {
            var target = parsed.GetRequiredValue(output);
            using var model = LoadedModel.Load(ModelPlace.Resolve(parsed, input, models), parsed.GetValue(name) ?? Path.GetFileNameWithoutExtension(target));
            model.ExportGguf(target, Enum.Parse<DType>(parsed.GetRequiredValue(type), ignoreCase: true));
            Console.WriteLine($"{target}: {model.Config.ParameterCount / 1e6:F2}M parameters as {parsed.GetRequiredValue(type)}, {new FileInfo(target).Length / 1e6:F1} MB");
            return 0;
        });
        return command;
    }
}
