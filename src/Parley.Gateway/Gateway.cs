using System.Runtime.CompilerServices;
using Parley.Gateway.Accounting;
using Parley.Gateway.Limits;
using Parley.Gateway.Routing;
using Parley.Gateway.Telemetry;
using Parley.Protocol.Generation;

namespace Parley.Gateway;

/// <summary>
/// The one replica that everybody else talks to: limits, ledger and routing in front of all others. It is given requests whose caller
/// is already known (step 2's key check is <see cref="Keys.ApiKeys"/>, called where the credentials arrive) and knows no dialect.
/// </summary>
public sealed class Gateway(
    ModelRegistry registry, Router router, ConcurrencyLimit limit, Ledger ledger, GatewayMetrics metrics, TimeProvider time) : IReplica
{
    public IReadOnlyList<ModelDescription> Models => registry.Models;

    public async IAsyncEnumerable<GenerationEvent> Generate(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // 2. Limits, then an upper bound is reserved; what is refused here has cost nothing and leaves no entry.
        var context = registry.Find(request.Model).Description.ContextLength;
        using var place = limit.Enter(request);

        // 4. Deployment, version by weight, replica by load.
        using var route = router.Pick(request.Model);
        var reservation = ledger.Reserve(request, context);

        // 5 to 7 are the replica's. 8. The passage settles, exactly once, whichever way the stream ends - also when the reader just leaves.
        await using var passage = new Passage(request, route, reservation, metrics, time, cancellationToken);
        while (await passage.NextAsync() is { } entry)
        {
            yield return entry;
        }
    }
}
