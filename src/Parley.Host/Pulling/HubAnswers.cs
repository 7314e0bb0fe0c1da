using System.Net;

namespace Parley.Host.Pulling;

/// <summary>What a hub's status means: done, worth another try, or one sentence.</summary>
internal static class HubAnswers
{
    /// <exception cref="PullFailure">Asking again would not help.</exception>
    /// <exception cref="TransientException">It may help later.</exception>
    public static void RequireSuccess(HttpResponseMessage answer, HubReference model)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        var status = (int)answer.StatusCode;
        var host = answer.RequestMessage?.RequestUri?.Host;
        throw answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new PullFailure(
                $"{host} asks who you are (401) for '{model.Repository}': it is private, gated or does not exist. Set HF_TOKEN to an access token of your account, then try again."),
            HttpStatusCode.Forbidden => new PullFailure(
                $"{host} does not let you read '{model.Repository}' (403): accept the model's terms on its page and set HF_TOKEN to a token of the same account."),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => Later(answer, status),
            _ when status >= 500 => Later(answer, status),
            _ => new PullFailure($"{host} answers {status} ({answer.ReasonPhrase}) for '{model.Repository}'; check the name and --endpoint."),
        };
    }

    private static TransientException Later(HttpResponseMessage answer, int status) =>
        new($"it answers {status} ({answer.ReasonPhrase})") { RetryAfter = answer.Headers.RetryAfter?.Delta };
}
