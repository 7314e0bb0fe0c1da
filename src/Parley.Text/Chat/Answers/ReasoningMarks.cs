namespace Parley.Text;

/// <summary>What stands around thoughts in the answers of models that show them.</summary>
public static class ReasoningMarks
{
    public const string Open = "<think>";
    public const string Close = "</think>";
}
