using Microsoft.Playwright;
using Parley.Testing;

namespace Parley.Browser.Tests;

/// <summary>
/// A chat with the model that comes with the repository, start to end, and how it looks: pictures of light, dark and phone, small enough
/// for the documentation. With PARLEY_SCREENSHOTS naming a folder they are written there.
/// </summary>
public sealed class BundledModelTests(BrowserHouse house)
{
    [Fact]
    public async Task It_answers_and_looks_as_documented()
    {
        BrowserHouse.RequireChromium();
        await using var server = new ChatServer(BundledModel());
        await server.StartAsync();
        await using (var chat = await house.OpenAsync(server))
        {
            await AskAsync(chat, "What can you do?");
            await AskAsync(chat, "Tell me a story about a fox.");
            await AskAsync(chat, "What is the capital of France?");
            Assert.NotEqual("", (await chat.CopyAnswerAsync()).Trim());
            await BrowserHouse.PictureAsync(chat, "chat-light");
        }

        await PictureOfLastAsync(server, BrowserHouse.Desktop(ColorScheme.Dark), "chat-dark");
        await PictureOfLastAsync(server, BrowserHouse.Phone(), "chat-phone");
    }

    private static string BundledModel()
    {
        var folder = Path.Combine(Repository.Root, "models");
        var model = Directory.Exists(folder) ? Directory.GetFiles(folder, "parley-mini*.gguf").FirstOrDefault() : null;
        if (model is null)
        {
            Requirement.Skip("bundled-model", "models/parley-mini*.gguf is not here");
        }

        return model!;
    }

    private static async Task AskAsync(ChatPage chat, string question)
    {
        await chat.SendAsync(question);
        await chat.ExpectStatusAsync("completed");
    }

    private async Task PictureOfLastAsync(ChatServer server, BrowserNewContextOptions options, string name)
    {
        await using var chat = await house.OpenAsync(server, options);
        if (options.IsMobile == true)
        {
            await chat.Button("Open sidebar").TapAsync();
        }

        var link = chat.Page.Locator(".conversation a").First;
        await link.ClickAsync();
        await Assertions.Expect(chat.Answers).ToHaveCountAsync(3);
        await BrowserHouse.PictureAsync(chat, name);
    }
}
