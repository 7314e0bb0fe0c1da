namespace Parley.Training.Evaluation.Scoring;

/// <summary>How likely a continuation is after its context.</summary>
/// <param name="LogLikelihood">The sum of its tokens' natural-log probabilities, added in their order.</param>
/// <param name="IsGreedy">Every token was the likeliest one; false where that was not asked for.</param>
/// <param name="IsTruncated">The context lost its beginning.</param>
public readonly record struct PairScore(double LogLikelihood, bool IsGreedy, bool IsTruncated);
