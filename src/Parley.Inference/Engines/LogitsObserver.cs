namespace Parley.Inference;

/// <summary>Sees the logits [V] that a request's next token is about to be sampled from.</summary>
internal delegate void LogitsObserver(EngineRequest request, ReadOnlySpan<float> logits);
