using System.Text.Json;
using Microsoft.Playwright;
using Parley.Testing;

namespace Parley.Browser.Tests;

/// <summary>axe-core finds nothing serious, in either theme, on a desktop and on a phone; a screen reader hears the answer.</summary>
public sealed class AccessibilityTests(BrowserHouse house)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Nothing_serious_on_a_desktop(ColorScheme scheme)
    {
        await using var chat = await house.OpenAsync(options: BrowserHouse.Desktop(scheme));
        await ExpectNothingSeriousAsync(chat);
        await chat.SendAsync("Is this readable?");
        await chat.WatchItGrowAsync(200);
        await ExpectNothingSeriousAsync(chat);
        await chat.StopAsync();
        await ExpectNothingSeriousAsync(chat);
    }

    [Fact]
    public async Task Nothing_serious_on_a_phone()
    {
        await using var chat = await house.OpenAsync(options: BrowserHouse.Phone());
        await chat.SendAsync("And on a phone?");
        await chat.WatchItGrowAsync(100);
        await chat.StopAsync();
        await ExpectNothingSeriousAsync(chat);
        await chat.Button("Open sidebar").TapAsync();
        await Assertions.Expect(chat.Button("Close sidebar")).ToBeFocusedAsync();
        await ExpectNothingSeriousAsync(chat);
    }

    [Fact]
    public async Task A_screen_reader_is_told_the_answer()
    {
        await using var chat = await house.OpenAsync();
        await chat.SendAsync("Read it to me.");
        await chat.WatchItGrowAsync(100);
        await chat.StopAsync();
        var region = chat.Page.GetByTestId("live-answer");
        await Assertions.Expect(region).ToHaveAttributeAsync("aria-live", "polite");
        await Assertions.Expect(region).Not.ToBeEmptyAsync();
        await Assertions.Expect(region).Not.ToHaveTextAsync("Parley is answering.");
    }

    private static async Task ExpectNothingSeriousAsync(ChatPage chat)
    {
        var script = Path.Combine(Repository.Root, "web/node_modules/axe-core/axe.min.js");
        if (!File.Exists(script))
        {
            Requirement.Skip("axe", "axe-core is not installed: run npm ci in web/");
        }

        await chat.Page.EvaluateAsync(await File.ReadAllTextAsync(script));
        var found = await chat.Page.EvaluateAsync<JsonElement>("async () => { const { passes, violations } = await axe.run(); return { checked: passes.length, violations }; }");
        Assert.InRange(found.GetProperty("checked").GetInt32(), 15, int.MaxValue);
        var serious = found.GetProperty("violations").EnumerateArray()
            .Where(violation => violation.GetProperty("impact").GetString() is "serious" or "critical")
            .Select(violation => $"{violation.GetProperty("id")}: {violation.GetProperty("nodes")[0].GetProperty("html")}");
        Assert.Empty(serious);
    }
}
