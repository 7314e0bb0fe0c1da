using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Parley.Gateway.Keys;
using Parley.Host.Composition;
using Parley.Protocol;
using Parley.Storage;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>
/// The verbs <c>parley keys create|list|revoke</c>. They write the same database as a running server, beside it: a key works, or stops working, from
/// the next request on.
/// </summary>
internal static class KeysVerb
{
    private static readonly Option<string> Data = ServingOptions.DataFolder();

    public static Command Create()
    {
        Data.Recursive = true;
        return new("keys", "Make, list and revoke API keys.") { CreateKey(), List(), Revoke(), Data };
    }

    private static Command CreateKey()
    {
        var name = new Option<string>("--name") { Description = "What the key is for.", DefaultValueFactory = _ => "unnamed" };
        var project = new Option<string>("--project") { Description = "Project whose rows it sees and whose ledger it charges.", DefaultValueFactory = _ => Identity.Local };
        var user = new Option<string>("--user") { Description = "User it acts for.", DefaultValueFactory = _ => Identity.Local };
        var command = new Command("create", "Make a key and print it, this once.") { name, project, user };
        command.SetAction((parsed, cancellationToken) => WithKeys(parsed, cancellationToken, async keys =>
        {
            var (key, secret) = await keys.CreateAsync(
                parsed.GetRequiredValue(name), parsed.GetRequiredValue(project), parsed.GetRequiredValue(user), cancellationToken);
            await Console.Error.WriteLineAsync($"Key '{key.Name}' of project '{key.ProjectId}'. Keep it: it is stored as a hash and cannot be shown again.");
            Console.WriteLine(secret);
        }));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Show all keys.");
        command.SetAction((parsed, cancellationToken) => WithKeys(parsed, cancellationToken, async keys =>
        {
            var table = new Table().AddColumns("name", "key", "project", "user", "created", "state");
            foreach (var key in await keys.ListAsync(cancellationToken))
            {
                var state = key.RevokedAt is { } revoked ? "revoked " + Date(revoked) : "valid";
                table.AddRow(new[] { key.Name, key.Prefix + "...", key.ProjectId, key.UserId, Date(key.CreatedAt), state }.Select(Markup.Escape).ToArray());
            }

            AnsiConsole.Write(table);
        }));
        return command;
    }

    private static Command Revoke()
    {
        var which = new Argument<string>("key") { Description = "The key's id, or its first characters as `keys list` shows them." };
        var command = new Command("revoke", "Make a key useless from the next request on.") { which };
        command.SetAction((parsed, cancellationToken) => WithKeys(parsed, cancellationToken, async keys =>
        {
            var key = await keys.RevokeAsync(parsed.GetRequiredValue(which).TrimEnd('.'), cancellationToken);
            Console.WriteLine($"Revoked '{key.Name}' ({key.Prefix}...).");
        }));
        return command;
    }

    private static async Task<int> WithKeys(ParseResult parsed, CancellationToken cancellationToken, Func<ApiKeys, Task> work)
    {
        var folder = Directory.CreateDirectory(parsed.GetRequiredValue(Data)).FullName;
        var services = new ServiceCollection().AddLogging().AddSqliteStorage(Path.Combine(folder, SqliteDatabase.FileName)).AddGateway();
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<DatabaseMigrator>().MigrateAsync(cancellationToken);
        await work(provider.GetRequiredService<ApiKeys>());
        return 0;
    }

    private static string Date(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
