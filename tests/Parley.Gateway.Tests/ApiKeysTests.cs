using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Parley.Gateway.Keys;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Tests;

/// <summary>Keys are shown once, kept as a hash, and end when they are revoked.</summary>
public sealed class ApiKeysTests : IDisposable
{
    private readonly SqliteConnection _connection = new("DataSource=:memory:");
    private readonly Contexts _contexts;
    private readonly ApiKeys _keys;

    public ApiKeysTests()
    {
        _connection.Open();
        _contexts = new Contexts(new DbContextOptionsBuilder<GatewayDbContext>().UseSqlite(_connection).Options);
        using var context = _contexts.CreateDbContext();
        context.Database.EnsureCreated();
        context.Database.ExecuteSqlRaw(
            "CREATE TABLE outbox (Offset INTEGER PRIMARY KEY AUTOINCREMENT, Id TEXT, Type TEXT, Version INTEGER, Time INTEGER, ProjectId TEXT, Subject TEXT, GenerationId TEXT, Payload TEXT)");
        _keys = new ApiKeys(_contexts, TimeProvider.System);
    }

    public void Dispose() => _connection.Dispose();

    [Fact]
    public async Task A_key_is_known_by_its_secret_and_the_secret_is_nowhere()
    {
        var (key, secret) = await _keys.CreateAsync("laptop", "shop", "ann");
        Assert.StartsWith(ApiKeys.SecretPrefix, secret, StringComparison.Ordinal);
        Assert.StartsWith(key.Prefix, secret, StringComparison.Ordinal);
        Assert.Equal(new Caller("shop", "ann", key.Id), await _keys.AuthenticateAsync(secret));
        Assert.Null(await _keys.AuthenticateAsync(secret[..^1]));
        var row = Assert.Single(await _keys.ListAsync());
        Assert.Equal(64, row.Hash.Length);
        Assert.DoesNotContain(secret[key.Prefix.Length..], row.Hash + row.Prefix + row.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_stays_revoked_and_both_changes_are_events()
    {
        var (key, secret) = await _keys.CreateAsync("laptop", "local", "local");
        var revoked = await _keys.RevokeAsync(key.Prefix);
        Assert.Null(await _keys.AuthenticateAsync(secret));
        Assert.Equal(revoked.RevokedAt, (await _keys.RevokeAsync(key.Id.ToString())).RevokedAt);
        await using var context = _contexts.CreateDbContext();
        Assert.Equal(["key.created", "key.revoked"], context.Outbox.OrderBy(told => told.Offset).Select(told => told.Type));
    }

    [Fact]
    public async Task What_cannot_be_done_is_said()
    {
        Assert.Contains("parley keys list", (await Assert.ThrowsAsync<ParleyException>(() => _keys.RevokeAsync("nothing"))).Message, StringComparison.Ordinal);
        Assert.Equal("name", (await Assert.ThrowsAsync<ParleyException>(() => _keys.CreateAsync(" ", "p", "u"))).Error.Param);
    }

    private sealed class Contexts(DbContextOptions<GatewayDbContext> options) : IDbContextFactory<GatewayDbContext>
    {
        public GatewayDbContext CreateDbContext() => new(options);
    }
}
