// Refusals and failures, as the client's classes tell them apart.
import { call, assert, ask, client, clientOf, complete, collect, user, refused, places, OpenAI } from "../suite.js";

const named = (name, parameters, param, code) => call(name, async () => {
  const error = await refused(ask(parameters));
  assert.deepEqual([error.status, error.type, error.param, error.code], [400, "invalid_request_error", param, code]);
  assert.match(error.requestID, /^req_/);
  const streamed = await refused(ask({ ...parameters, stream: true }));
  assert.deepEqual([streamed.status, streamed.param], [400, param]);
});

const picture = { type: "image_url", image_url: { url: "data:," } };

named("a temperature out of range is named", { temperature: 3 }, "temperature", "invalid_value");
named("a temperature of the wrong type is named", { temperature: "hot" }, "temperature", "invalid_type");
named("no answers at all are named", { n: 0 }, "n", "invalid_value");
named("top_logprobs without logprobs are named", { top_logprobs: 3 }, "top_logprobs", "invalid_value");
named("too many top_logprobs are named", { logprobs: true, top_logprobs: 21 }, "top_logprobs", "invalid_value");
named("a bias out of range is named", { logit_bias: { 5: 101 } }, "logit_bias", "invalid_value");
named("too many stops are named", { stop: ["a", "b", "c", "d", "e"] }, "stop", "invalid_value");
named("an answer longer than the context is named", { max_tokens: 5000 }, "max_tokens", "context_length_exceeded");
named("a prompt longer than the context is named", { messages: user("x".repeat(5000)) }, "messages", "context_length_exceeded");
named("what is not supported is named", { modalities: ["audio"] }, "modalities", "unsupported_parameter");
named("a misspelt parameter is named", { temprature: 1 }, "temprature", "unknown_parameter");
named("an empty conversation is named", { messages: [] }, "messages", "invalid_value");
named("a picture is named by its place", { messages: [{ role: "user", content: [picture] }] }, "messages[0].content[0].type", "unsupported_parameter");
named("an unknown role is named by its place", { messages: [{ role: "ghost", content: "x" }] }, "messages[0].role", "invalid_value");

call("options of streams are only for streams", async () => {
  assert.equal((await refused(ask({ stream_options: { include_usage: true } }))).param, "stream_options");
});

call("an unknown model is not found", async () => {
  const error = await refused(ask({ model: "gpt-none" }), OpenAI.NotFoundError);
  assert.deepEqual([error.code, error.param], ["model_not_found", "model"]);
  assert.match(error.message, /tiny/);
  await refused(client.models.retrieve("gpt-none"), OpenAI.NotFoundError);
});

call("a route that is not there is not found", async () => {
  assert.equal((await refused(client.post("/nonsense", { body: {} }), OpenAI.NotFoundError)).code, "unknown_url");
});

call("bad completions and embeddings are named", async () => {
  assert.equal((await refused(complete({ prompt: [99999] }))).param, "prompt");
  assert.equal((await refused(complete({ prompt: "a", n: 2, best_of: 1 }))).param, "best_of");
  assert.equal((await refused(client.embeddings.create({ model: "tiny", input: [] }))).param, "input");
  assert.equal((await refused(client.embeddings.create({ model: "tiny", input: "a", dimensions: 5000 }))).param, "dimensions");
});

call("half of a surrogate pair is refused, not broken on", async () => {
  const error = await refused(ask({ messages: user("\ud83d") }));
  assert.equal(error.status, 400);
});

call("a wrong key is refused", async () => {
  const error = await refused(clientOf(places.guarded, { apiKey: "sk-parley-wrong" }).models.list(), OpenAI.AuthenticationError);
  assert.deepEqual([error.status, error.code], [401, "invalid_api_key"]);
});

call("the right key opens", async () => assert.equal((await collect(clientOf(places.guarded).models.list()))[0].id, "scripted"));

// The guarded server runs one request at a time and its replica waits for ever after the first piece.
const waiting = { model: "scripted", messages: user("x"), stream: true };

const held = async () => {
  for (let tries = 0; ; tries++) {
    try {
      const stream = await clientOf(places.guarded).chat.completions.create(waiting);
      const pieces = stream[Symbol.asyncIterator]();
      await pieces.next();
      return stream;
    } catch (error) {
      if (!(error instanceof OpenAI.RateLimitError) || tries === 500) throw error;
    }
  }
};

call("over the limit is told as such, with the time to wait", async () => {
  const stream = await held();
  const error = await refused(clientOf(places.guarded).chat.completions.create(waiting), OpenAI.RateLimitError);
  assert.deepEqual([error.status, error.type, error.code, error.headers.get("retry-after")], [429, "rate_limit_error", "concurrency_limit_exceeded", "1"]);
  stream.controller.abort();
});

call("the client comes back after the time it was told", async () => {
  const stream = await held();
  const statuses = [];
  const patient = clientOf(places.guarded, {
    maxRetries: 2,
    fetch: async (...request) => {
      const response = await fetch(...request);
      statuses.push(response.status);
      stream.controller.abort();
      return response;
    },
  });
  const began = performance.now();
  const second = await patient.chat.completions.create(waiting);
  assert.equal((await second[Symbol.asyncIterator]().next()).value.object, "chat.completion.chunk");
  second.controller.abort();
  assert.deepEqual(statuses, [429, 200]);
  assert.ok(performance.now() - began > 900, "came back too soon");
});

call("the client's own timeout is told as one and frees the place", async () => {
  const stream = await held();
  stream.controller.abort();
  (await held()).controller.abort(); // the place is free again, so what follows waits for the model
  let error;
  do error = await refused(clientOf(places.guarded, { timeout: 100 }).chat.completions.create({ ...waiting, stream: false }), OpenAI.APIError);
  while (error instanceof OpenAI.RateLimitError);
  assert.ok(error instanceof OpenAI.APIConnectionTimeoutError, String(error));
  (await held()).controller.abort();
});

call("nobody at home is told as a connection that failed", async () => {
  await refused(new OpenAI({ baseURL: "http://127.0.0.1:1/v1", apiKey: "x", maxRetries: 0 }).models.list(), OpenAI.APIConnectionError);
});

call("a failure of the model is a server's error", async () => {
  const error = await refused(clientOf(places.failing).chat.completions.create({ model: "scripted", messages: user("x") }), OpenAI.InternalServerError);
  assert.deepEqual([error.status, error.type, error.code], [500, "server_error", "engine_failed"]);
});

call("a failure in mid-stream is thrown where the stream is read", async () => {
  const stream = await clientOf(places.failing).chat.completions.create(waiting);
  const seen = [];
  const error = await refused((async () => {
    for await (const piece of stream) seen.push(piece.choices[0].delta.content);
  })(), OpenAI.APIError);
  assert.deepEqual([error.code, seen.join("")], ["engine_failed", "half an answer"]);
});
