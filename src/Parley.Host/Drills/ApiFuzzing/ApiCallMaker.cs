using System.Text;
using Parley.Host.Drills.Fuzzing;

namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>The n-th call of a run: a good one, one with changed JSON, one with injured bytes, one that is not meant for its route; some are cut short. Pure in seed and n.</summary>
internal sealed class ApiCallMaker(ulong seed)
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];

    private static readonly string?[] ContentTypes = ["application/json", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a", null];

    private static readonly string[] Pieces =
    [
        "/", "..", "%00", "%ff", "%", "?", "&", "#", "after=-1", "after=99999999999999999999", "limit=x", "limit=-5", "after=00000000-0000-0000-0000-000000000000", "é", " ", "//", "{conversation}", "tiny", "\"", "'",
    ];

    private static readonly byte[][] Words =
    [
        .. new[] { "{", "}", "[", "]", "\"", ":", ",", "null", "true", "-1", "1e999", "\\u", "\\ud800", "\"\\u0000\"", "[[", "{\"a\":", "/*", "99999999999999999999" }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xEF, 0xBB, 0xBF], [0],
    ];

    private readonly Mutator _bytes = new(Words);

    public ApiCall Make(long number)
    {
        var random = new SplitMix(seed ^ ((ulong)number * 0xD1B5_4A32_D192_ED03));
        var good = ApiSeeds.All[random.Next(ApiSeeds.All.Count)];
        var other = ApiSeeds.All[random.Next(ApiSeeds.All.Count)];
        var call = new ApiCall(number, good.Endpoint, good.Method, good.Path, good.Body is null ? null : Body(good.Body, other.Body ?? "{}", ref random));
        return Cut(Misdirect(call, ref random), ref random);
    }

    private byte[] Body(string good, string other, ref SplitMix random)
    {
        var kind = random.Next(10);
        return kind switch
        {
            < 2 => Encoding.UTF8.GetBytes(good),
            < 8 => Encoding.UTF8.GetBytes(JsonMutator.Apply(good, other, ref random)),
            8 => _bytes.Apply(Encoding.UTF8.GetBytes(good), Encoding.UTF8.GetBytes(other), int.MaxValue, ref random),
            _ => _bytes.Apply(Encoding.UTF8.GetBytes(JsonMutator.Apply(good, other, ref random)), Encoding.UTF8.GetBytes(other), int.MaxValue, ref random),
        };
    }

    private static ApiCall Misdirect(ApiCall call, ref SplitMix random) => random.Next(24) switch
    {
        0 => call with { Method = Methods[random.Next(Methods.Length)] },
        1 => call with { ContentType = ContentTypes[random.Next(ContentTypes.Length)] },
        2 or 3 => call with { Path = Injured(call.Path, ref random) },
        _ => call,
    };

    private static string Injured(string path, ref SplitMix random)
    {
        var at = 1 + random.Next(path.Length);
        return path[..at] + Pieces[random.Next(Pieces.Length)] + (random.Next(2) == 0 ? path[at..] : "");
    }

    private static ApiCall Cut(ApiCall call, ref SplitMix random) => random.Next(12) switch
    {
        0 when call.Body is { Length: > 1 } body => call with { Delivery = ApiDelivery.CutsBody, CutAfter = random.Next(body.Length) },
        1 => call with { Delivery = ApiDelivery.LeavesAnswer, CutAfter = 1 + random.Next(2000) },
        2 when random.Next(2) == 0 => call with { Delivery = ApiDelivery.LeavesAtOnce },
        _ => call,
    };
}
