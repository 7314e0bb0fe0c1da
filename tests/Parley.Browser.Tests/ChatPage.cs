using Microsoft.Playwright;

namespace Parley.Browser.Tests;

/// <summary>
/// The page as a person sees it: what can be read, typed and pressed, found by role and name. Waits on what is to be seen, never on time.
/// Gathers what the page complains about, and fails with it at the end.
/// </summary>
internal sealed class ChatPage : IAsyncDisposable
{
    private readonly List<string> _complaints = [];

    public ChatPage(IPage page, ChatServer server)
    {
        Page = page;
        Server = server;
        page.SetDefaultTimeout(60_000);
        Assertions.SetDefaultExpectTimeout(60_000);
        page.PageError += (_, error) => _complaints.Add(error);
    }

    public IPage Page { get; }

    public ChatServer Server { get; }

    public ILocator Composer => Page.GetByRole(AriaRole.Textbox, new() { Name = "Message Parley" });

    public ILocator Answers => Page.GetByRole(AriaRole.Article, new() { Name = "Parley answered" });

    public ILocator Questions => Page.GetByRole(AriaRole.Article, new() { Name = "You said" });

    public ILocator LastAnswer => Answers.Last;

    /// <summary>The conversation in the address.</summary>
    public string Conversation => Page.Url.Split("#/c/")[^1];

    public async Task OpenAsync()
    {
        await Page.GotoAsync(Server.Address);
        await Assertions.Expect(Composer).ToBeVisibleAsync();
    }

    public async Task SendAsync(string text)
    {
        var before = await Answers.CountAsync();
        await Composer.FillAsync(text);
        await Assertions.Expect(Button("Send")).ToBeEnabledAsync();
        await Composer.PressAsync("Enter");
        await Assertions.Expect(Answers).ToHaveCountAsync(before + 1);
    }

    /// <summary>Returns once the answer is longer than it was by so many characters, and still being written.</summary>
    public async Task WatchItGrowAsync(int characters = 40)
    {
        var before = (await LastAnswer.InnerTextAsync()).Length;
        await Page.WaitForFunctionAsync(
            """
            least => {
              const answer = [...document.querySelectorAll('article[data-status]')].at(-1);
              return answer.dataset.status === 'streaming' && answer.innerText.length > least;
            }
            """,
            before + characters);
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator ButtonIn(ILocator place, string name) => place.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public Task ExpectStatusAsync(string status) => Assertions.Expect(LastAnswer).ToHaveAttributeAsync("data-status", status);

    public async Task StopAsync()
    {
        await Button("Stop").ClickAsync();
        await ExpectStatusAsync("cancelled");
    }

    /// <summary>The whole text of the last answer as the page holds it, by way of its copy button.</summary>
    public async Task<string> CopyAnswerAsync()
    {
        await LastAnswer.HoverAsync();
        await ButtonIn(LastAnswer, "Copy answer").ClickAsync();
        await Assertions.Expect(ButtonIn(LastAnswer, "Copied")).ToBeVisibleAsync();
        return await Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
    }

    /// <summary>From now on the page cannot fetch the stored conversation: what it shows is what the stream brought.</summary>
    public Task HideStoredTextAsync() => Page.RouteAsync(IsStoredConversation, route => route.AbortAsync());

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        Assert.Empty(_complaints);
    }

    private static bool IsStoredConversation(string address) =>
        new Uri(address).AbsolutePath is { } path && path.StartsWith("/parley/v1/conversations/", StringComparison.Ordinal) && path.Count(letter => letter == '/') == 4;

    /// <summary>Nothing sticks out to the side.</summary>
    public Task<bool> FitsAsync() =>
        Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth");
}
