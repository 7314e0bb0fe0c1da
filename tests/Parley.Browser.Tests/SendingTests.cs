using Microsoft.Playwright;

namespace Parley.Browser.Tests;

/// <summary>A message goes as soon as it is written, whatever else the page is still waiting for.</summary>
public sealed class SendingTests(BrowserHouse house)
{
    [Fact]
    public async Task Enter_does_not_wait_for_the_list_of_models()
    {
        await using var chat = await house.OpenAsync();
        var answered = new TaskCompletionSource();
        await chat.Page.RouteAsync("**/parley/v1/session", async route =>
        {
            await answered.Task;
            await route.ContinueAsync();
        });
        await chat.Page.ReloadAsync();
        await chat.SendAsync("Quick as that.");
        answered.SetResult();
        await Assertions.Expect(chat.Questions.Last).ToContainTextAsync("Quick as that.");
        await chat.StopAsync();
    }
}
