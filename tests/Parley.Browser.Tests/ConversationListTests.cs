using Microsoft.Playwright;

namespace Parley.Browser.Tests;

/// <summary>The list on the left: titles, search, renaming in place, deleting with a way back.</summary>
public sealed class ConversationListTests(BrowserHouse house)
{
    [Fact]
    public async Task A_conversation_can_be_renamed_found_and_deleted()
    {
        await using var chat = await house.OpenAsync();
        await chat.SendAsync("A question about herons.");
        await chat.WatchItGrowAsync(10);
        await chat.StopAsync();
        var list = chat.Page.GetByRole(AriaRole.Navigation, new() { Name = "Conversations" });
        var current = list.Locator("[aria-current=page]");
        await Assertions.Expect(current).ToContainTextAsync("herons");

        await current.HoverAsync();
        await list.Locator(".is-current").GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        var field = chat.Page.GetByRole(AriaRole.Textbox, new() { Name = "Title", Exact = true });
        await field.FillAsync("Birds of the estuary");
        await chat.Page.RunAndWaitForResponseAsync(() => field.PressAsync("Enter"), response => response.Request.Method == "PATCH");
        await chat.Page.ReloadAsync();
        await Assertions.Expect(current).ToHaveTextAsync("Birds of the estuary");
        await Assertions.Expect(chat.Page).ToHaveTitleAsync("Birds of the estuary – Parley");

        var search = chat.Page.GetByRole(AriaRole.Searchbox);
        await chat.Page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(search).ToBeFocusedAsync();
        await search.FillAsync("nothing like it");
        await Assertions.Expect(list).ToContainTextAsync("No title matches.");
        await search.FillAsync("estuary birds");
        await Assertions.Expect(list.GetByRole(AriaRole.Link)).ToHaveCountAsync(1);

        var address = chat.Conversation;
        await DeleteCurrentAsync(chat);
        await Assertions.Expect(list).ToContainTextAsync("No title matches.");
        await chat.Button("Undo").ClickAsync();
        await Assertions.Expect(current).ToHaveTextAsync("Birds of the estuary");
        Assert.Equal(address, chat.Conversation);

        await DeleteCurrentAsync(chat);
        await chat.Page.ReloadAsync();
        await Assertions.Expect(chat.Page.GetByRole(AriaRole.Heading, new() { Name = "What shall we talk about?" })).ToBeVisibleAsync();
        await Assertions.Expect(list.GetByText("Birds of the estuary")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_conversation_that_is_gone_is_one_calm_sentence()
    {
        await using var chat = await house.OpenAsync();
        await chat.Page.GotoAsync($"{chat.Server.Address}/#/c/{Guid.CreateVersion7()}");
        await Assertions.Expect(chat.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no conversation");
        await Assertions.Expect(chat.Button("Try again")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_message_that_could_not_be_sent_is_kept_and_sent_again()
    {
        await using var chat = await house.OpenAsync();
        const string messages = "**/parley/v1/conversations/*/messages";
        await chat.Page.RouteAsync(messages, route => route.AbortAsync());
        await chat.Composer.FillAsync("Do not lose me.");
        await chat.Composer.PressAsync("Enter");
        await Assertions.Expect(chat.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Parley cannot be reached.");
        await chat.Button("Take back").ClickAsync();
        await Assertions.Expect(chat.Composer).ToHaveValueAsync("Do not lose me.");
        await chat.Composer.PressAsync("Enter");
        await Assertions.Expect(chat.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await chat.Page.UnrouteAsync(messages);
        await chat.Button("Try again").ClickAsync();
        await Assertions.Expect(chat.Answers).ToHaveCountAsync(1);
        await Assertions.Expect(chat.Questions).ToHaveTextAsync(["Do not lose me."]);
        await chat.WatchItGrowAsync(10);
        await chat.StopAsync();
    }

    private static async Task DeleteCurrentAsync(ChatPage chat)
    {
        var row = chat.Page.Locator(".conversation.is-current");
        await row.HoverAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
    }
}
