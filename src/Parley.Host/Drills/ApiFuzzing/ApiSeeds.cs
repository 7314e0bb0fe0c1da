using System.Text.Json.Nodes;

namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>Good requests of every route; each is accepted by a server that has the models. What is random is made from them.</summary>
internal static class ApiSeeds
{
    /// <summary>The decoder that answers; encoders judge and embed.</summary>
    public const string Decoder = "tiny", Encoder = "bert", Judge = "cross";

    public static IReadOnlyList<ApiSeed> All { get; } =
    [
        Chat("""{"messages":[{"role":"user","content":"the cat"}],"max_tokens":8}"""),
        Chat("""{"messages":[{"role":"system","content":"be short"},{"role":"user","content":[{"type":"text","text":"a"}]}],"stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":9,"logprobs":true,"top_logprobs":3}"""),
        Chat("""{"messages":[{"role":"user","content":"x"}],"n":3,"seed":5,"temperature":0.7,"top_p":0.9,"top_k":20,"min_p":0.05,"presence_penalty":0.5,"frequency_penalty":-0.5,"repetition_penalty":1.1,"logit_bias":{"5":-100,"17":3},"stop":["a","bc"],"stop_token_ids":[9],"priority":3,"max_tokens":10}"""),
        Chat("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"s","strict":true,"schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}},"max_tokens":30}"""),
        Chat("""{"messages":[{"role":"user","content":"x"}],"guided_regex":"[ab]{3}","max_tokens":12}"""),
        Chat("""{"messages":[{"role":"user","content":"x"}],"guided_grammar":"root ::= \"a\" root | \"b\"","max_tokens":12,"stream":true}"""),
        Chat("""{"messages":[{"role":"user","content":"x"}],"guided_choice":["yes","no"],"max_tokens":12}"""),
        Chat("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"},"max_tokens":12}"""),
        Chat("""{"messages":[{"role":"user","content":"w"}],"tools":[{"type":"function","function":{"name":"f","description":"d","strict":true,"parameters":{"type":"object","properties":{"c":{"enum":["x","y"]}},"required":["c"],"additionalProperties":false}}}],"tool_choice":"required","parallel_tool_calls":false,"max_tokens":30}"""),
        Chat("""{"messages":[{"role":"user","content":"w"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"f"}},"max_tokens":20,"stream":true}"""),
        Chat("""{"messages":[{"role":"user","content":"w"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"r"}],"tools":[{"type":"function","function":{"name":"f"}}],"max_tokens":4}"""),
        Chat("""{"messages":[{"role":"user","content":"x"}],"user":"u","metadata":{"a":"b"},"service_tier":"auto","store":false,"chat_template_kwargs":{"enable_thinking":false},"max_tokens":3}"""),
        Completion("""{"prompt":"the cat","max_tokens":8}"""),
        Completion("""{"prompt":["a","b"],"n":2,"best_of":3,"max_tokens":5,"logprobs":2,"echo":true}"""),
        Completion("""{"prompt":[[5,6],[7]],"max_tokens":5,"stream":true,"logprobs":1,"stream_options":{"include_usage":true}}"""),
        Completion("""{"prompt":[5,6,7],"max_tokens":0,"echo":true,"logprobs":1}"""),
        Completion("""{"prompt":"a","guided_regex":"a+b","max_tokens":8,"seed":-3}"""),
        new("POST", "/v1/embeddings", $$"""{"model":"{{Decoder}}","input":["a","the cat"],"encoding_format":"base64","dimensions":8,"user":"u"}"""),
        new("POST", "/v1/embeddings", $$"""{"model":"{{Encoder}}","input":"the cat","pooling":"mean","encoding_format":"float"}"""),
        new("POST", "/v1/embeddings", $$"""{"model":"{{Decoder}}","input":[[5,6],[7]],"priority":1}"""),
        new("POST", "/v1/rerank", $$"""{"model":"{{Judge}}","query":"a","documents":["b",{"text":"c"}],"top_n":1,"return_documents":true}"""),
        new("POST", "/v1/rerank", $$"""{"model":"{{Decoder}}","query":"a","documents":["b","c"]}"""),
        new("POST", "/v1/tokenize", $$"""{"model":"{{Decoder}}","prompt":"the cat 😀","add_special_tokens":true,"return_token_strs":true}"""),
        new("POST", "/v1/tokenize", $$"""{"model":"{{Decoder}}","messages":[{"role":"user","content":"x"}]}"""),
        new("POST", "/v1/detokenize", $$"""{"model":"{{Decoder}}","tokens":[5,6,250]}"""),
        new("GET", "/v1/models", null),
        new("GET", $"/v1/models/{Decoder}", null),
        new("GET", "/parley/v1/session", null),
        new("GET", "/parley/v1/conversations?limit=3", null),
        new("GET", "/parley/v1/conversations/{conversation}", null),
        new("GET", "/parley/v1/events?after=0&limit=5", null),
        new("GET", "/parley/v1/generations/{generation}/events?after=0", null),
        new("POST", "/parley/v1/conversations", $$"""{"title":"t","model":"{{Decoder}}"}"""),
        new("POST", "/parley/v1/conversations/{conversation}/messages", """{"content":"the cat","temperature":1,"top_p":0.9,"max_tokens":9,"seed":4}"""),
        new("POST", "/parley/v1/conversations/{conversation}/messages/{message}/regenerate", """{"max_tokens":5}"""),
        new("POST", "/parley/v1/conversations/{conversation}/messages/{message}/feedback", """{"rating":"up"}"""),
        new("POST", "/parley/v1/generations/{generation}/stop", "{}"),
        new("POST", "/parley/v1/generations/{generation}/continue", "{}"),
        new("PATCH", "/parley/v1/conversations/{conversation}", """{"title":"other"}"""),
        new("DELETE", "/parley/v1/conversations/{conversation}", null),
        new("GET", "/health", null),
        new("GET", "/metrics", null),
    ];

    private static ApiSeed Chat(string body) => new("POST", "/v1/chat/completions", With(body));

    private static ApiSeed Completion(string body) => new("POST", "/v1/completions", With(body));

    private static string With(string body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        json.Insert(0, "model", Decoder);
        return json.ToJsonString();
    }
}

/// <summary>A good request.</summary>
/// <param name="Body">JSON; null where the method has none.</param>
internal sealed record ApiSeed(string Method, string Path, string? Body)
{
    /// <summary>Method and route, without ids and queries.</summary>
    public string Endpoint => $"{Method} {Path.Split('?')[0]}";
}
