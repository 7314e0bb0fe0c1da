using System.Globalization;

namespace Parley.Corpus.Pipelines;

/// <summary>What each step of a run let through, in order.</summary>
public sealed record PipelineReport(string Name, IReadOnlyList<StepCount> Steps)
{
    /// <summary>What came out at the end.</summary>
    public StepCount Result => Steps[^1];

    public void Print(TextWriter writer)
    {
        writer.WriteLine($"{Name}:");
        foreach (var step in Steps)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {step.Name,-44} {step.Documents,9:N0} documents {step.Characters,13:N0} characters"));
    }
}

/// <summary>How much passed one step.</summary>
public sealed class StepCount(string name)
{
    public string Name => name;

    public long Documents { get; private set; }

    public long Characters { get; private set; }

    internal void Add(Document document)
    {
        Documents++;
        Characters += document.Text.Length;
    }
}
