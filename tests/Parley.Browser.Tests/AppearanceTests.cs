using Microsoft.Playwright;

namespace Parley.Browser.Tests;

/// <summary>Themes, the phone's layout, scrolling, the keyboard.</summary>
public sealed class AppearanceTests(BrowserHouse house)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_theme_follows_the_system_until_it_is_chosen(ColorScheme scheme)
    {
        await using var chat = await house.OpenAsync(options: BrowserHouse.Desktop(scheme));
        var system = await IsDarkAsync(chat);
        Assert.Equal(scheme == ColorScheme.Dark, system);
        await chat.Page.GetByRole(AriaRole.Radio, new() { Name = system ? "Light" : "Dark" }).CheckAsync();
        Assert.NotEqual(system, await IsDarkAsync(chat));
        await chat.Page.ReloadAsync();
        Assert.NotEqual(system, await IsDarkAsync(chat));
        await chat.Page.GetByRole(AriaRole.Radio, new() { Name = "System" }).CheckAsync();
        Assert.Equal(system, await IsDarkAsync(chat));
    }

    [Fact]
    public async Task On_a_phone_the_list_is_a_drawer_and_nothing_overflows()
    {
        await using var chat = await house.OpenAsync(options: BrowserHouse.Phone());
        await chat.SendAsync("Say it on a phone.");
        await chat.WatchItGrowAsync(300);
        await chat.StopAsync();
        Assert.True(await chat.FitsAsync(), "The page is wider than the phone.");

        var drawer = chat.Page.GetByRole(AriaRole.Complementary, new() { Name = "Sidebar" });
        await Assertions.Expect(drawer).ToBeHiddenAsync();
        await chat.Button("Open sidebar").TapAsync();
        await Assertions.Expect(drawer).ToBeInViewportAsync();
        await Assertions.Expect(chat.Button("Close sidebar")).ToBeFocusedAsync();
        await chat.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(drawer).ToBeHiddenAsync();
        await Assertions.Expect(chat.Button("Open sidebar")).ToBeFocusedAsync();

        await chat.Button("Open sidebar").TapAsync();
        await drawer.GetByRole(AriaRole.Link, new() { Name = "New chat" }).TapAsync();
        await Assertions.Expect(drawer).ToBeHiddenAsync();
        await Assertions.Expect(chat.Page.GetByRole(AriaRole.Heading, new() { Name = "What shall we talk about?" })).ToBeVisibleAsync();
        Assert.True(await chat.FitsAsync(), "The page is wider than the phone.");
    }

    [Fact]
    public async Task Scrolling_up_holds_still_and_a_button_leads_back()
    {
        await using var chat = await house.OpenAsync(options: new() { ViewportSize = new() { Width = 700, Height = 420 } });
        await chat.SendAsync("Say a great deal.");
        var transcript = chat.Page.GetByRole(AriaRole.Region, new() { Name = "Messages" });
        await chat.Page.WaitForFunctionAsync("() => { const t = document.querySelector('.transcript'); return t.scrollTop > 150; }");
        // The browser's own help: where text above breaks anew, it scrolls by as many lines, and what is seen holds still. Only the page's part is asked here.
        await chat.Page.AddStyleTagAsync(new() { Content = ".transcript { overflow-anchor: none; }" });
        await transcript.HoverAsync();
        await chat.Page.Mouse.WheelAsync(0, -120);
        await Assertions.Expect(chat.Button("Jump to latest")).ToBeVisibleAsync();
        var held = await StandsStillAtAsync(transcript);
        await chat.WatchItGrowAsync(100);
        Assert.Equal(held, await transcript.EvaluateAsync<double>("element => element.scrollTop"), tolerance: 2);

        await chat.Button("Jump to latest").ClickAsync();
        await chat.Page.WaitForFunctionAsync(
            "() => { const t = document.querySelector('.transcript'); return t.scrollHeight - t.scrollTop - t.clientHeight < 60; }");
        await Assertions.Expect(chat.Button("Jump to latest")).ToBeHiddenAsync();
        await chat.StopAsync();
    }

    [Fact]
    public async Task The_keyboard_reaches_the_composer_first_and_writes_lines()
    {
        await using var chat = await house.OpenAsync();
        await chat.Page.EvaluateAsync("() => document.querySelector('a[href], button, input, select, textarea, [tabindex]').focus()");
        var skip = chat.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to the message field" });
        await Assertions.Expect(skip).ToBeFocusedAsync();
        await Assertions.Expect(skip).ToBeInViewportAsync();
        await chat.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(chat.Composer).ToBeFocusedAsync();
        await chat.Page.Keyboard.TypeAsync("one");
        var low = (await chat.Composer.BoundingBoxAsync())!.Height;
        await chat.Page.Keyboard.PressAsync("Shift+Enter");
        await chat.Page.Keyboard.TypeAsync("two");
        Assert.Equal("one\ntwo", await chat.Composer.InputValueAsync());
        Assert.True((await chat.Composer.BoundingBoxAsync())!.Height > low, "The composer did not grow.");
        await chat.Page.ReloadAsync();
        await Assertions.Expect(chat.Composer).ToHaveValueAsync("one\ntwo");
    }

    // The wheel's way takes some frames.
    private static Task<double> StandsStillAtAsync(ILocator transcript) => transcript.EvaluateAsync<double>(
        """
        element => new Promise(resolve => {
          let top = NaN, since = 0;
          const look = () => {
            since = element.scrollTop === top ? since + 1 : 0;
            top = element.scrollTop;
            if (since === 10) resolve(top); else requestAnimationFrame(look);
          };
          look();
        })
        """);

    private static Task<bool> IsDarkAsync(ChatPage chat) => chat.Page.EvaluateAsync<bool>(
        """
        () => {
          const canvas = document.createElement('canvas').getContext('2d');
          canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
          canvas.fillRect(0, 0, 1, 1);
          return canvas.getImageData(0, 0, 1, 1).data[0] < 128;
        }
        """);
}
