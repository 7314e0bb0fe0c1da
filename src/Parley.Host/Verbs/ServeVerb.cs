using System.CommandLine;
using Parley.Host.Serving;

namespace Parley.Host.Verbs;

/// <summary>The verb <c>parley serve</c>: named models behind the HTTP API and the page.</summary>
internal static class ServeVerb
{
    public static Command Create()
    {
        var models = new Option<string[]>("--model")
        {
            Description = "A .gguf file, a model's folder or a stored model's name, optionally =ID; may be given more than once. The first is the default.",
            Required = true,
        };
        var common = new ServingOptions();
        var keyless = new Option<bool>("--allow-loopback-without-key") { Description = "Callers on this machine need no API key." };
        var command = new Command("serve", "Serve models over HTTP.") { models, keyless };
        common.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = common.Read(parsed) with
            {
                Models = common.Sources(parsed, parsed.GetValue(models)!),
                AllowLoopbackWithoutKey = parsed.GetValue(keyless),
            };
            return await Server.RunAsync(options, cancellationToken);
        });
        return command;
    }
}
