using Parley.Protocol.Events;

namespace Parley.Storage.Tests.Contract;

/// <summary>What every domain event log must hold to.</summary>
public abstract class EventLogContract : IDisposable
{
    protected abstract IStorage Open();

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public async Task Events_come_back_whole_in_order_and_from_any_offset()
    {
        await using var storage = Open();
        var generation = Guid.CreateVersion7();
        await storage.Events.AppendAsync([Event("a.happened", generation), Event("b.happened")]);
        await storage.Events.AppendAsync([Event("c.happened")]);
        var all = await storage.Events.ReadAsync(0, 10);
        Assert.Equal(["a.happened", "b.happened", "c.happened"], all.Select(entry => entry.Type));
        Assert.Equal((generation, 3, 12L, "p", "s", "{\"n\":1}"), (all[0].GenerationId, all[0].Version, all[0].Time, all[0].ProjectId, all[0].Subject, all[0].Payload));
        Assert.True(all[0].Offset < all[1].Offset && all[1].Offset < all[2].Offset);
        Assert.Equal(["b.happened"], (await storage.Events.ReadAsync(all[0].Offset, 1)).Select(entry => entry.Type));
    }

    [Fact]
    public async Task An_event_is_kept_once_whoever_tells_it_again()
    {
        await using var storage = Open();
        var told = Event("a.happened");
        await storage.Events.AppendAsync([told]);
        await storage.Events.AppendAsync([told, Event("b.happened")]);
        Assert.Equal(2, (await storage.Events.ReadAsync(0, 10)).Count);
    }

    [Fact]
    public async Task A_subscriber_gets_what_is_there_and_then_what_comes()
    {
        await using var storage = Open();
        await storage.Events.AppendAsync([Event("e1"), Event("e2")]);
        var seen = new List<string>();
        await foreach (var entry in storage.Events.SubscribeAsync(0))
        {
            seen.Add(entry.Type);
            if (seen.Count == 4)
            {
                break;
            }

            if (seen.Count >= 2)
            {
                await storage.Events.AppendAsync([Event($"e{seen.Count + 1}")]);
            }
        }

        Assert.Equal(["e1", "e2", "e3", "e4"], seen);
    }

    private static OutboxEvent Event(string type, Guid? generation = null) =>
        new() { Type = type, Version = 3, Time = 12, ProjectId = "p", Subject = "s", GenerationId = generation, Payload = "{\"n\":1}" };
}
