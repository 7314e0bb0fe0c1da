using Microsoft.Playwright;
using Parley.Testing;

[assembly: AssemblyFixture(typeof(Parley.Browser.Tests.BrowserHouse))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Parley.Browser.Tests;

/// <summary>
/// One Chromium and one host for all tests, started by the first that needs them; every test gets a fresh context, so that nothing
/// stored in the browser reaches the next.
/// </summary>
public sealed class BrowserHouse : IAsyncDisposable
{
    private static readonly string[] Flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private const int LargestPicture = 200_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private ChatServer? _server;

    /// <summary>The shared host, running.</summary>
    internal async Task<ChatServer> ServerAsync()
    {
        RequireChromium();
        if (_server is null)
        {
            var server = new ChatServer();
            await server.StartAsync();
            _server = server;
        }

        return _server;
    }

    /// <summary>A new page at a host's address, in a context of its own. The caller disposes it.</summary>
    internal async Task<ChatPage> OpenAsync(ChatServer? server = null, BrowserNewContextOptions? options = null)
    {
        var executable = RequireChromium();
        server ??= await ServerAsync();
        _playwright ??= await Playwright.CreateAsync();
        _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = Flags });
        var context = await _browser.NewContextAsync(options ?? Desktop());
        await context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"], new() { Origin = server.Address });
        var page = new ChatPage(await context.NewPageAsync(), server);
        await page.OpenAsync();
        return page;
    }

    internal static string RequireChromium() => Requirement.Program("chromium", "/usr/bin/chromium");

    internal static BrowserNewContextOptions Desktop(ColorScheme scheme = ColorScheme.Light) =>
        new() { ViewportSize = new() { Width = 1280, Height = 820 }, ColorScheme = scheme };

    internal static BrowserNewContextOptions Phone() => new()
    {
        ViewportSize = new() { Width = 390, Height = 844 },
        DeviceScaleFactor = 2,
        HasTouch = true,
        IsMobile = true,
        ColorScheme = ColorScheme.Light,
    };

    /// <summary>A picture of the page; written where PARLEY_SCREENSHOTS names a folder.</summary>
    /// <param name="isForDocumentation">It must be small enough to be kept in the repository.</param>
    internal static async Task PictureAsync(ChatPage chat, string name, bool isForDocumentation = true)
    {
        await chat.Composer.HoverAsync();
        var picture = await chat.Page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });
        Assert.InRange(picture.Length, 1, isForDocumentation ? LargestPicture : int.MaxValue);
        if (Environment.GetEnvironmentVariable("PARLEY_SCREENSHOTS") is { Length: > 0 } named)
        {
            var folder = Path.Combine(Repository.Root, named);
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.png"), picture);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
