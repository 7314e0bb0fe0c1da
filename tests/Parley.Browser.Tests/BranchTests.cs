using Microsoft.Playwright;

namespace Parley.Browser.Tests;

/// <summary>Regenerating and editing add versions beside the old ones; every version can be found again.</summary>
public sealed class BranchTests(BrowserHouse house)
{
    [Fact]
    public async Task Regenerating_adds_a_version_and_keeps_the_first()
    {
        await using var chat = await house.OpenAsync();
        var first = await AskAsync(chat, "Say something.");
        await chat.ButtonIn(chat.LastAnswer, "Regenerate").ClickAsync();
        await chat.WatchItGrowAsync();
        await chat.StopAsync();
        await ExpectVersionAsync(chat.LastAnswer, "2/2");
        var second = await chat.CopyAnswerAsync();
        Assert.NotEqual(first, second);

        await chat.ButtonIn(chat.LastAnswer, "Previous version").ClickAsync();
        await ExpectVersionAsync(chat.LastAnswer, "1/2");
        Assert.Equal(first, await chat.CopyAnswerAsync());
        await Assertions.Expect(chat.Answers).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Editing_a_message_branches_and_the_choice_survives_a_reload()
    {
        await using var chat = await house.OpenAsync();
        await AskAsync(chat, "The first question.");
        await AskAsync(chat, "The second question.");
        await chat.Questions.First.HoverAsync();
        await chat.ButtonIn(chat.Questions.First, "Edit message").ClickAsync();
        var editor = chat.Page.GetByRole(AriaRole.Textbox, new() { Name = "Edit message" });
        await editor.FillAsync("The first question, put better.");
        await editor.PressAsync("Enter");
        await Assertions.Expect(chat.Questions.First).ToContainTextAsync("put better");
        await Assertions.Expect(chat.Questions).ToHaveCountAsync(1);
        await chat.WatchItGrowAsync();
        await chat.StopAsync();
        await ExpectVersionAsync(chat.Questions.First, "2/2");

        await chat.Page.RunAndWaitForResponseAsync(
            () => chat.ButtonIn(chat.Questions.First, "Previous version").ClickAsync(),
            response => response.Request.Method == "PATCH" && response.Ok);
        await Assertions.Expect(chat.Questions).ToHaveCountAsync(2);
        await chat.Page.ReloadAsync();
        await Assertions.Expect(chat.Questions).ToHaveCountAsync(2);
        await Assertions.Expect(chat.Questions.Last).ToContainTextAsync("The second question.");
    }

    [Fact]
    public async Task Leaving_the_editor_changes_nothing()
    {
        await using var chat = await house.OpenAsync();
        await AskAsync(chat, "As it was.");
        await chat.Questions.First.HoverAsync();
        await chat.ButtonIn(chat.Questions.First, "Edit message").ClickAsync();
        await chat.Page.GetByRole(AriaRole.Textbox, new() { Name = "Edit message" }).FillAsync("Never sent.");
        await chat.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(chat.Questions.First).ToContainTextAsync("As it was.");
        await Assertions.Expect(chat.ButtonIn(chat.Questions.First, "Edit message")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_rating_is_kept_and_can_be_taken_back()
    {
        await using var chat = await house.OpenAsync();
        await AskAsync(chat, "Was that good?");
        var thumb = chat.ButtonIn(chat.LastAnswer, "Good answer");
        await chat.Page.RunAndWaitForResponseAsync(() => thumb.ClickAsync(), response => response.Url.EndsWith("/feedback", StringComparison.Ordinal));
        await chat.Page.ReloadAsync();
        await Assertions.Expect(thumb).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.Equal("up", (string?)(await chat.Server.StoredLeafAsync(chat.Conversation))["feedback"]);
        await chat.Page.RunAndWaitForResponseAsync(() => thumb.ClickAsync(), response => response.Url.EndsWith("/feedback", StringComparison.Ordinal));
        Assert.Null((await chat.Server.StoredLeafAsync(chat.Conversation))["feedback"]);
    }

    /// <summary>Sends, lets the answer grow a little, stops it and returns it.</summary>
    private static async Task<string> AskAsync(ChatPage chat, string question)
    {
        await chat.SendAsync(question);
        await chat.WatchItGrowAsync(10);
        await chat.StopAsync();
        return await chat.CopyAnswerAsync();
    }

    private static Task ExpectVersionAsync(ILocator message, string version) =>
        Assertions.Expect(message.GetByRole(AriaRole.Group, new() { Name = "Versions" })).ToHaveTextAsync(version);
}
