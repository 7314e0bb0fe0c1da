using System.CommandLine;
using System.Globalization;
using Parley.Host.Pulling;
using Parley.Models;

namespace Parley.Host.Verbs;

/// <summary>
/// The verb <c>parley pull hf:OWNER/NAME[:QUANT]</c>: a model from a hub of Hugging Face's shape into the store. Which hub is
/// for the person to say: no address is built in.
/// </summary>
internal static class PullVerb
{
    private const string EndpointVariable = "HF_ENDPOINT";
    private const string TokenVariable = "HF_TOKEN";

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "hf:OWNER/NAME, hf:OWNER/NAME:QUANT (such as Q4_K_M), optionally @REVISION." };
        var name = new Option<string?>("--name") { Description = "What to call it; default: the repository's name and the quantisation's." };
        var endpoint = new Option<string?>("--endpoint") { Description = $"The hub's address, such as https://HOST; default: {EndpointVariable}. A token is taken from {TokenVariable}." };
        var models = ModelPlace.StoreFolder();
        var command = new Command("pull", "Download a model; run it again after an interruption and it goes on.") { model, name, endpoint, models };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var reference = HubReference.Parse(parsed.GetRequiredValue(model));
            var hub = Endpoint(parsed.GetValue(endpoint) ?? Environment.GetEnvironmentVariable(EndpointVariable));
            var store = ModelPlace.Store(parsed.GetValue(models));
            StoredModel? stored = null;
            await ProgressView.RunAsync(bytes: true, async view => stored = await PullAsync(reference, parsed.GetValue(name), hub, store, view, cancellationToken));
            Console.Out.WriteLine(ModelsImportVerb.Stored(stored!));
            return 0;
        });
        return command;
    }

    private static async Task<StoredModel> PullAsync(
        HubReference reference, string? name, Uri endpoint, ModelStore store, ProgressView view, CancellationToken cancellationToken)
    {
        using var http = HubClient.CreateHttp(Environment.GetEnvironmentVariable(TokenVariable));
        var retries = new Retries(TimeProvider.System)
        {
            Waiting = (reason, delay) => view.Say(string.Create(CultureInfo.InvariantCulture, $"{endpoint.Host}: {reason}; trying again in {delay.TotalSeconds:F0} s")),
        };
        var pull = new ModelPull(http, new HubClient(http, endpoint, retries), retries, store, TimeProvider.System)
        {
            Progress = view.Report,
            Chosen = choice => view.Say(string.Create(
                CultureInfo.InvariantCulture, $"{reference}: {(choice.Files.Count == 1 ? choice.Files[0].Name : $"{choice.Files.Count} files")}, {choice.Bytes / 1e6:N1} MB")),
        };
        return await pull.RunAsync(reference, name, cancellationToken);
    }

    /// <exception cref="PullFailure">None is given, or it is no web address.</exception>
    private static Uri Endpoint(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new PullFailure($"No hub is named: set {EndpointVariable} to the address of the hub that you pull from, or give it with --endpoint.");
        }

        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new PullFailure($"'{text}' is no web address; give one such as https://HOST.");
    }
}
