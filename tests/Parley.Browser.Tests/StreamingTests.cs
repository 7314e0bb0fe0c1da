using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Parley.Browser.Tests;

/// <summary>An answer arrives piece by piece, can be stopped, and survives a reload and the host's death without losing or doubling a character.</summary>
public sealed class StreamingTests(BrowserHouse house)
{
    /// <summary>What is shown of an answer without what the page adds to it: captions of code and buttons.</summary>
    private const string TextOfTheModel = """
        answer => {
          const copy = answer.cloneNode(true);
          copy.querySelectorAll('figcaption, button').forEach(added => added.remove());
          return copy.textContent;
        }
        """;

    [Fact]
    public async Task An_answer_streams_and_stops_on_demand()
    {
        await using var chat = await house.OpenAsync();
        await chat.SendAsync("Tell me everything.");
        await chat.WatchItGrowAsync();
        await chat.WatchItGrowAsync();
        await chat.StopAsync();
        await Assertions.Expect(chat.LastAnswer.GetByText("You stopped this answer.")).ToBeVisibleAsync();
        Assert.Equal("cancelled", (string?)(await chat.Server.StoredLeafAsync(chat.Conversation))["status"]);
    }

    [Fact]
    public async Task Escape_stops()
    {
        await using var chat = await house.OpenAsync();
        await chat.SendAsync("Go on and on.");
        await chat.WatchItGrowAsync();
        await chat.Page.Keyboard.PressAsync("Escape");
        await chat.ExpectStatusAsync("cancelled");
    }

    [Fact]
    public async Task A_reload_in_mid_answer_resumes_to_exactly_the_stored_text()
    {
        await using var chat = await house.OpenAsync();
        await chat.SendAsync("Tell me everything, slowly.");
        await chat.WatchItGrowAsync();
        await chat.Page.ReloadAsync();
        await chat.WatchItGrowAsync();
        await chat.HideStoredTextAsync();
        await chat.WatchItGrowAsync();
        await chat.StopAsync();
        await ExpectStoredTextAsync(chat);
    }

    [Fact]
    public async Task A_stopped_answer_continues_where_it_stopped()
    {
        await using var chat = await house.OpenAsync();
        await chat.SendAsync("Begin.");
        await chat.WatchItGrowAsync();
        await chat.StopAsync();
        var first = await chat.CopyAnswerAsync();
        await chat.HideStoredTextAsync();
        await chat.ButtonIn(chat.LastAnswer, "Continue").ClickAsync();
        await chat.WatchItGrowAsync();
        await chat.StopAsync();
        Assert.StartsWith(first, await ExpectStoredTextAsync(chat), StringComparison.Ordinal);
        await Assertions.Expect(chat.Answers).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_second_tab_sees_the_same_answer()
    {
        await using var chat = await house.OpenAsync();
        await chat.SendAsync("Tell both of us.");
        await chat.WatchItGrowAsync();
        var other = new ChatPage(await chat.Page.Context.NewPageAsync(), chat.Server);
        await other.Page.GotoAsync(chat.Page.Url);
        await other.WatchItGrowAsync();
        await other.HideStoredTextAsync();
        await chat.StopAsync();
        await other.ExpectStatusAsync("cancelled");
        await other.Page.BringToFrontAsync();
        await ExpectStoredTextAsync(other);
    }

    [Fact]
    public async Task When_the_host_dies_the_page_says_so_comes_back_and_continues()
    {
        BrowserHouse.RequireChromium();
        await using var server = new ChatServer();
        await server.StartAsync();
        await using var chat = await house.OpenAsync(server);
        await chat.SendAsync("Tell me until the lights go out.");
        await chat.WatchItGrowAsync();
        await server.KillAsync();
        await Assertions.Expect(chat.Page.GetByText("Reconnecting")).ToBeVisibleAsync();
        var shown = await chat.LastAnswer.Locator(".markdown").EvaluateAsync<string>(TextOfTheModel);

        await server.StartAsync();
        await chat.ExpectStatusAsync("interrupted");
        var stored = await ExpectStoredTextAsync(chat);
        Assert.True(IsWithin(shown, stored), $"Something that was shown is gone. Shown:\n{shown}\nStored:\n{stored}");

        await chat.HideStoredTextAsync();
        await chat.ButtonIn(chat.LastAnswer, "Continue").ClickAsync();
        await chat.WatchItGrowAsync();
        await chat.StopAsync();
        Assert.StartsWith(stored, await ExpectStoredTextAsync(chat), StringComparison.Ordinal);
    }

    /// <summary>
    /// Whether every letter and digit that was shown stands in what is stored, in order. Not a comparison of lengths: Markdown takes marks away, and what a tiny model
    /// writes may be anything, an indented line too, which becomes a block of code.
    /// </summary>
    private static bool IsWithin(string shown, string stored)
    {
        var at = 0;
        foreach (var character in shown.Where(char.IsLetterOrDigit))
        {
            at = stored.IndexOf(character, at) + 1;
            if (at == 0) return false;
        }

        return true;
    }

    private static async Task<string> ExpectStoredTextAsync(ChatPage chat)
    {
        JsonNode stored = await chat.Server.StoredLeafAsync(chat.Conversation);
        var text = (string)stored["content"]!;
        Assert.Equal(text, await chat.CopyAnswerAsync());
        return text;
    }
}
