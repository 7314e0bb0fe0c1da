using Parley.Gateway.Routing;
using Parley.Host.Serving;
using Parley.Protocol.Errors;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// <c>POST /v1/load_lora_adapter</c> and <c>POST /v1/unload_lora_adapter</c>, in vLLM's shape. They change what all callers get, so they are there only
/// where whoever started the server named a folder for it, and read nothing outside that folder.
/// </summary>
internal static class AdapterEndpoints
{
    public static async Task LoadAsync(HttpContext http, AdapterDeployments adapters, ServerOptions options)
    {
        var folder = RequireFolder(options);
        using var body = await RequestBody.ReadAsync(http);
        var reader = new ParameterReader(body.RootElement);
        var name = reader.RequireString("lora_name");
        var path = Within(folder, reader.RequireString("lora_path"));
        var baseModel = reader.String("base_model_name");
        var replaces = reader.Boolean("load_inplace") ?? false;
        reader.RefuseLeft();

        // Reading may take seconds; other requests need this thread.
        var model = await Task.Run(() => adapters.Load(name, path, baseModel, replaces), http.RequestAborted);
        await http.Response.WriteAsJsonAsync(ModelObject.Of(model), OpenAIJson.Wire.ModelObject, cancellationToken: http.RequestAborted);
    }

    public static async Task UnloadAsync(HttpContext http, AdapterDeployments adapters, ServerOptions options)
    {
        RequireFolder(options);
        using var body = await RequestBody.ReadAsync(http);
        var reader = new ParameterReader(body.RootElement);
        var name = reader.RequireString("lora_name");
        reader.RefuseLeft();
        var model = adapters.Unload(name);
        await http.Response.WriteAsJsonAsync(ModelObject.Of(model), OpenAIJson.Wire.ModelObject, cancellationToken: http.RequestAborted);
    }

    private static string RequireFolder(ServerOptions options) => options.AdapterFolder ?? throw ParleyException.Forbidden(
        "Adapters cannot be loaded or unloaded while this server runs; start it with --adapter-folder FOLDER to allow it.", "adapters_fixed");

    // By the path alone: what lies outside is not even looked at, so an answer tells nothing about it. Links inside are the folder owner's affair.
    private static string Within(string folder, string path)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var full = path.Contains('\0', StringComparison.Ordinal) ? "" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, root));
        return full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw ParleyException.InvalidRequest("'lora_path' must lie in the folder that the server was given with --adapter-folder.", "lora_path");
    }
}
