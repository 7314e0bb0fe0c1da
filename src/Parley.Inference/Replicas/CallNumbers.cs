using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>Numbers the calls of each choice and cuts them into pieces as a stream shows them: id and name first, then the arguments.</summary>
/// <param name="begun">By choice: calls that earlier runs of the generation began.</param>
internal sealed class CallNumbers(GenerationRequest request, CallFormat format, IEnumerable<int> begun)
{
    /// <summary>Characters of arguments in a piece.</summary>
    private const int Piece = 32;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    private readonly int[] _made = [.. begun];

    /// <param name="choice">From 0.</param>
    /// <param name="calls">What its answer went on with.</param>
    public IReadOnlyList<ToolCallDelta> Pieces(int choice, IReadOnlyList<CallPiece> calls)
    {
        var pieces = new List<ToolCallDelta>();
        foreach (var call in calls)
        {
            if (call.Name is not null)
            {
                var next = _made[choice]++;
                pieces.Add(new(next, Id(choice, next), call.Name, ""));
            }

            for (var at = 0; at < call.Arguments.Length;)
            {
                var end = Math.Min(at + Piece, call.Arguments.Length);
                end += end < call.Arguments.Length && char.IsLowSurrogate(call.Arguments[end]) ? 1 : 0;
                pieces.Add(new(_made[choice] - 1, null, null, call.Arguments[at..end]));
                at = end;
            }
        }

        return pieces;
    }

    // The same for a generation that is run again. Some templates insist on nine letters and digits.
    private string Id(int choice, int index)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{request.Id:N}/{choice}/{index}");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return format.HasShortIds
            ? string.Concat(hash.Take(9).Select(value => Alphabet[value % Alphabet.Length]))
            : "call_" + Convert.ToHexStringLower(hash.AsSpan(0, 12));
    }
}
