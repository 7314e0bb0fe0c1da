// Streams: their pieces, the client's helpers for them, leaving early.
import { call, assert, ask, recite, client, collect, joined, user, refused, clientOf, places, OpenAI } from "../suite.js";

call("a stream begins with the role and ends with the reason", async () => {
  const pieces = await collect(recite("HELLO", { stream: true }));
  assert.deepEqual(pieces[0].choices[0].delta, { role: "assistant", content: "" });
  assert.deepEqual([pieces.at(-1).choices[0].delta, pieces.at(-1).choices[0].finish_reason], [{}, "stop"]);
  assert.equal(joined(pieces, "content"), "Hello, world!");
  assert.equal(new Set(pieces.map((piece) => piece.id)).size, 1);
  for (const piece of pieces) assert.deepEqual([piece.object, piece.model, piece.usage ?? null], ["chat.completion.chunk", "reciter", null]);
});

call("include_usage closes the stream with the usage", async () => {
  const pieces = await collect(recite("THINK", { stream: true, stream_options: { include_usage: true } }));
  assert.deepEqual([pieces.at(-1).choices, pieces.at(-1).usage.completion_tokens, pieces.at(-1).usage.completion_tokens_details.reasoning_tokens], [[], 8, 5]);
});

call("half a character waits", async () => {
  const pieces = await collect(recite("EMOJI", { stream: true }));
  assert.deepEqual(pieces.flatMap((piece) => piece.choices[0].delta.content ?? []), ["", "caf", "é", " ", "😀", "!"]);
});

call("a stop leaks neither into text nor into log-probabilities", async () => {
  const pieces = await collect(recite("STOPS", { stream: true, stop: "STOP", logprobs: true }));
  assert.equal(joined(pieces, "content"), "one ");
  assert.deepEqual(pieces.flatMap((piece) => piece.choices[0].logprobs?.content ?? []).map((entry) => entry.token), ["one "]);
});

call("streamed thoughts never leak into the content", async () => {
  const pieces = await collect(recite("THINK", { stream: true }));
  assert.deepEqual([joined(pieces, "reasoning_content"), joined(pieces, "content")], ["Two and two.", "Four."]);
});

call("streamed answers of n are told apart and equal the whole ones", async () => {
  const whole = await ask({ n: 3, seed: 2, max_tokens: 10 });
  const pieces = await collect(ask({ n: 3, seed: 2, max_tokens: 10, stream: true }));
  for (const i of [0, 1, 2]) assert.equal(joined(pieces, "content", i), whole.choices[i].message.content);
});

call("streamed log-probabilities are those of the whole answer", async () => {
  const whole = await ask({ seed: 8, max_tokens: 10, logprobs: true, top_logprobs: 2 });
  const pieces = await collect(ask({ seed: 8, max_tokens: 10, logprobs: true, top_logprobs: 2, stream: true }));
  assert.deepEqual(pieces.flatMap((piece) => piece.choices[0]?.logprobs?.content ?? []), whole.choices[0].logprobs.content);
});

call("the stream helper puts the answer together", async () => {
  const said = [];
  const stream = client.chat.completions.stream({ model: "reciter", messages: user("HELLO"), stream_options: { include_usage: true } });
  stream.on("content", (delta) => said.push(delta));
  const answer = await stream.finalChatCompletion();
  assert.deepEqual([answer.choices[0].message.content, said.join(""), answer.choices[0].finish_reason], ["Hello, world!", "Hello, world!", "stop"]);
  assert.equal((await stream.totalUsage()).completion_tokens, 7);
  assert.equal(await stream.finalContent(), "Hello, world!");
});

call("the stream helper gathers log-probabilities", async () => {
  const stream = client.chat.completions.stream({ model: "reciter", messages: user("EMOJI"), logprobs: true, top_logprobs: 1 });
  let told = [];
  stream.on("logprobs.content.done", ({ content }) => (told = content));
  const answer = await stream.finalChatCompletion();
  assert.equal(answer.choices[0].logprobs.content.length, 8);
  assert.deepEqual(told, answer.choices[0].logprobs.content);
});

call("a stream can be split and read twice", async () => {
  const [left, right] = (await recite("HELLO", { stream: true })).tee();
  assert.equal(joined(await collect(left), "content"), joined(await collect(right), "content"));
});

call("a stream that is left in the middle costs what was made", async () => {
  const stream = await ask({ stream: true, max_tokens: 900 });
  let pieces = 0;
  for await (const _ of stream) if (++pieces === 3) break; // breaking aborts the request
  assert.ok(stream.controller.signal.aborted);
  assert.equal((await recite("HELLO")).choices[0].message.content, "Hello, world!");
});

call("the helper's abort is told as one", async () => {
  const stream = clientOf(places.main).chat.completions.stream({ model: "tiny", messages: user("the cat"), max_tokens: 900 });
  stream.once("chunk", () => stream.abort());
  await refused(stream.done(), OpenAI.APIUserAbortError);
  assert.ok(stream.aborted);
});

call("a call is aborted by its signal", async () => {
  const leaving = new AbortController();
  const waiting = client.chat.completions.create({ model: "tiny", messages: user("the cat"), n: 16, max_tokens: 900 }, { signal: leaving.signal });
  setImmediate(() => leaving.abort());
  await refused(waiting, OpenAI.APIUserAbortError);
});
