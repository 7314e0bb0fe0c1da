using Microsoft.Playwright;

namespace Parley.Browser.Tests;

/// <summary>A model that thinks before it answers: its thoughts show while they come, survive a reload and stay with the answer.</summary>
public sealed class ThoughtsTests(BrowserHouse house)
{
    [Fact]
    public async Task Thoughts_show_while_they_come_and_survive_a_reload()
    {
        BrowserHouse.RequireChromium();
        await using var server = new ChatServer(thinks: true);
        await server.StartAsync();
        await using var chat = await house.OpenAsync(server);
        await chat.SendAsync("What is two and two?");
        await chat.WatchItGrowAsync(120);
        var thoughts = chat.LastAnswer.GetByRole(AriaRole.Region, new() { Name = "Thoughts" });
        var toggle = chat.ButtonIn(chat.LastAnswer, "Thinking…");
        await Assertions.Expect(toggle).ToHaveAttributeAsync("aria-expanded", "true");
        await BrowserHouse.PictureAsync(chat, "thinking");
        await chat.Page.ReloadAsync();
        await chat.WatchItGrowAsync();
        await toggle.ClickAsync();
        await Assertions.Expect(toggle).ToHaveAttributeAsync("aria-expanded", "false");
        await toggle.ClickAsync();
        await chat.StopAsync();

        var folded = chat.ButtonIn(chat.LastAnswer, "Thoughts");
        await Assertions.Expect(folded).ToBeVisibleAsync();
        await chat.Page.ReloadAsync();
        await Assertions.Expect(folded).ToHaveAttributeAsync("aria-expanded", "false");
        await folded.ClickAsync();
        var stored = await server.StoredLeafAsync(chat.Conversation);
        Assert.Equal("", (string)stored["content"]!);
        Assert.True(((string)stored["reasoning"]!).Length > 120);
        Assert.Equal(FirstWord((string)stored["reasoning"]!), FirstWord(await thoughts.Locator(".thoughts-text").InnerTextAsync()));
        await LooksAsync(server, BrowserHouse.Desktop(ColorScheme.Dark), "thoughts-dark");
        await LooksAsync(server, BrowserHouse.Phone(), "thoughts-phone");
    }

    // Unfolded in another window: nothing sticks out to the side.
    private async Task LooksAsync(ChatServer server, BrowserNewContextOptions options, string name)
    {
        await using var chat = await house.OpenAsync(server, options);
        if (options.IsMobile == true)
        {
            await chat.Button("Open sidebar").TapAsync();
        }

        await chat.Page.Locator(".conversation a").First.ClickAsync();
        await chat.ButtonIn(chat.LastAnswer, "Thoughts").ClickAsync();
        await Assertions.Expect(chat.LastAnswer.Locator(".thoughts-text")).ToBeVisibleAsync();
        Assert.True(await chat.FitsAsync(), $"{name}: the page is wider than its window.");
        await BrowserHouse.PictureAsync(chat, name, isForDocumentation: false); // a random model thinks as long as it takes to stop it
    }

    private static string FirstWord(string text) => string.Concat(text.TrimStart().TakeWhile(char.IsAsciiLetter));
}
