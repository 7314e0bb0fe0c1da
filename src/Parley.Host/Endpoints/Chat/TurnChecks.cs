using Parley.Chat.Conversations;
using Parley.Protocol.Errors;

namespace Parley.Host.Endpoints.Chat;

/// <summary>The ranges of what a person may set for an answer; the same as the API's.</summary>
internal static class TurnChecks
{
    /// <exception cref="ParleyException">400 naming the parameter that is out of range.</exception>
    public static TurnSettings Checked(TurnSettings settings)
    {
        Require(settings.Temperature is null or (>= 0 and <= 2), "temperature", "between 0 and 2");
        Require(settings.TopP is null or (> 0 and <= 1), "top_p", "above 0 and at most 1");
        Require(settings.MaxTokens is null or >= 1, "max_tokens", "at least 1");
        return settings;
    }

    private static void Require(bool holds, string parameter, string range)
    {
        if (!holds)
        {
            throw ParleyException.InvalidRequest($"'{parameter}' must be {range}.", parameter);
        }
    }
}
