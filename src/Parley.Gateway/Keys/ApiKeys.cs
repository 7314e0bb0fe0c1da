using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Parley.Protocol;
using Parley.Protocol.Errors;
using Parley.Protocol.Events;

namespace Parley.Gateway.Keys;

/// <summary>Makes, lists, revokes and checks API keys. The secret is returned once, when it is made, and is nowhere afterwards.</summary>
public sealed class ApiKeys(IDbContextFactory<GatewayDbContext> contexts, TimeProvider time)
{
    /// <summary>Every key of ours begins with this.</summary>
    public const string SecretPrefix = "sk-parley-";

    private const int SecretBytes = 32, ShownCharacters = 16;

    /// <summary>Makes a key. The second item is the secret to hand to its owner.</summary>
    /// <exception cref="ParleyException">The name is empty or too long.</exception>
    public async Task<(ApiKey Key, string Secret)> CreateAsync(string name, string projectId, string userId, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > ApiKey.MaxNameLength)
        {
            throw ParleyException.InvalidRequest($"A key's name has 1 to {ApiKey.MaxNameLength} characters.", "name");
        }

        var secret = SecretPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var key = new ApiKey
        {
            Name = name,
            Prefix = secret[..ShownCharacters],
            Hash = HashOf(secret),
            ProjectId = projectId,
            UserId = userId,
            CreatedAt = time.UtcMicroseconds(),
        };
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.Add(key);
        context.Add(Event("key.created", key, key.CreatedAt));
        await context.SaveChangesAsync(cancellationToken);
        return (key, secret);
    }

    /// <summary>All keys, oldest first, revoked ones too.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ApiKeys.AsNoTracking().OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);
    }

    /// <summary>Revokes a key by its id or its shown prefix; a revoked key stays revoked.</summary>
    /// <exception cref="ParleyException">No key, or more than one, is meant.</exception>
    public async Task<ApiKey> RevokeAsync(string idOrPrefix, CancellationToken cancellationToken = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var id = Guid.TryParse(idOrPrefix, out var parsed) ? parsed : Guid.Empty;
        var matches = await context.ApiKeys.Where(row => row.Id == id || row.Prefix == idOrPrefix).ToListAsync(cancellationToken);
        if (matches.Count != 1)
        {
            throw ParleyException.NotFound(matches.Count == 0
                ? $"There is no key '{idOrPrefix}'; `parley keys list` shows those there are."
                : $"'{idOrPrefix}' means {matches.Count} keys; revoke by id instead.");
        }

        var key = matches[0];
        if (key.RevokedAt is null)
        {
            key.RevokedAt = time.UtcMicroseconds();
            context.Add(Event("key.revoked", key, key.RevokedAt.Value));
            await context.SaveChangesAsync(cancellationToken);
        }

        return key;
    }

    /// <summary>Whose key this is; null when it is unknown or revoked.</summary>
    public async Task<Caller?> AuthenticateAsync(string secret, CancellationToken cancellationToken = default)
    {
        var hash = HashOf(secret);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ApiKeys.AsNoTracking()
            .Where(key => key.Hash == hash && key.RevokedAt == null)
            .Select(key => new Caller(key.ProjectId, key.UserId, key.Id))
            .SingleOrDefaultAsync(cancellationToken);
    }

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static OutboxEvent Event(string type, ApiKey key, long time) => new()
    {
        Type = type,
        Time = time,
        ProjectId = key.ProjectId,
        Subject = key.UserId,
        Payload = $$"""{"key_id":"{{key.Id}}"}""",
    };
}
