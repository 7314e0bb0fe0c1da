using Microsoft.Extensions.FileProviders;
using Parley.Protocol.Errors;

namespace Parley.Host.Endpoints;

/// <summary>
/// The built page as plain files. Addresses of the page's own (no dot, not the API's) get its index.html; file names with a hash in them are kept
/// by browsers, the index is asked for again each time.
/// </summary>
internal static class PageFiles
{
    private const string Missing = "The page is not built here; run `./run up`, which builds it, or name its folder with --page. The API works without it.\n";

    public static void MapPage(this WebApplication app, string? folder)
    {
        if (folder is not null && !File.Exists(Path.Combine(folder, "index.html")))
        {
            throw ParleyException.NotFound($"'--page {folder}' has no index.html; build the page first (npm run build in web/).");
        }

        if ((folder ?? Find()) is not { } found)
        {
            app.MapGet("/", () => Results.Text(Missing, statusCode: StatusCodes.Status404NotFound));
            return;
        }

        var files = new PhysicalFileProvider(Path.GetFullPath(found));
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = response => Cache(response.Context, response.File) });

        // Not a fallback route: that would match the API's addresses too and answer 404 where 405 is due.
        app.Use(async (http, next) =>
        {
            if (http.GetEndpoint() is not null || !IsPageAddress(http.Request))
            {
                await next(http);
                return;
            }

            http.Response.ContentType = "text/html; charset=utf-8";
            http.Response.Headers.CacheControl = "no-cache";
            await http.Response.SendFileAsync(files.GetFileInfo("index.html"), http.RequestAborted);
        });
    }

    private static bool IsPageAddress(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && !request.Path.StartsWithSegments("/v1") && !request.Path.StartsWithSegments("/parley")
        && !Path.HasExtension(request.Path.Value);

    private static void Cache(HttpContext http, IFileInfo file) =>
        http.Response.Headers.CacheControl = http.Request.Path.StartsWithSegments("/assets") && file.Name != "index.html" ? "public, max-age=31536000, immutable" : "no-cache";

    /// <summary>wwwroot beside the program, else the one of the checkout that the program lies in.</summary>
    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string[] places = [Path.Combine(folder.FullName, "wwwroot"), Path.Combine(folder.FullName, "src", "Parley.Host", "wwwroot")];
            if (Array.Find(places, place => File.Exists(Path.Combine(place, "index.html"))) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
