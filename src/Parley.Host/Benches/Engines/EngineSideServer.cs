using System.Globalization;
using Parley.Host.Measurements;
using Parley.Tensors.Measurements;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// The child's half of the bench: reads questions from stdin, one a line ("prefill 512"), and answers each with one number. Each side has a
/// process of its own, so that its peak memory is its own and an idle side holds no core.
/// </summary>
internal static class EngineSideServer
{
    public static async Task RunAsync(IEngineSide side, TextReader questions, TextWriter answers, CancellationToken cancellationToken)
    {
        await AnswerAsync(answers, side.LoadSeconds);
        while (await questions.ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            var words = line.Split(' ');
            int Number(int index) => int.Parse(words[index], CultureInfo.InvariantCulture);
            await AnswerAsync(answers, words[0] switch
            {
                "prefill" => await side.PrefillAsync(Number(1), cancellationToken),
                "decode" => await side.DecodeAsync(Number(1), Number(2), cancellationToken),
                "clients" => await side.FirstTokenAsync(Number(1), Number(2), cancellationToken),
                "memory" => ProcessMemory.Peak(),
                _ => throw new InvalidDataException($"'{line}' is no question of the bench."),
            });
        }
    }

    private static async Task AnswerAsync(TextWriter answers, double number)
    {
        await answers.WriteLineAsync(number.ToString("R", CultureInfo.InvariantCulture));
        await answers.FlushAsync();
    }
}
