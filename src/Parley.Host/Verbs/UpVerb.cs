using System.CommandLine;
using Parley.Host.Serving;

namespace Parley.Host.Verbs;

/// <summary>The verb <c>parley up</c>: serve, with the model that comes with the repository and no key asked of this machine's own callers.</summary>
internal static class UpVerb
{
    public static Command Create()
    {
        var models = new Option<string[]>("--model") { Description = "Serve this .gguf file, model folder or stored model instead of the bundled model." };
        var common = new ServingOptions();
        var command = new Command("up", "Serve the bundled model and the page on this machine.") { models };
        common.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var named = parsed.GetValue(models) ?? [];
            var options = common.Read(parsed) with
            {
                Models = named.Length > 0 ? common.Sources(parsed, named) : [new ModelSource(BundledModel.Require(), BundledModel.Id)],
                AllowLoopbackWithoutKey = true,
            };
            return await Server.RunAsync(options, cancellationToken);
        });
        return command;
    }
}
