// The older completions, embeddings, models, and the routes that the client has no types for.
import { call, assert, client, complete, collect, tokenNames } from "../suite.js";

call("a completion goes on with its prompt", async () => {
  const answer = await complete({ prompt: "the cat", max_tokens: 5, seed: 1 });
  assert.match(answer.id, /^cmpl-/);
  assert.equal(answer.object, "text_completion");
  assert.deepEqual([answer.choices[0].finish_reason, answer.choices[0].logprobs, answer.usage.completion_tokens], ["length", null, 5]);
});

call("an echo begins with the prompt", async () => {
  const [plain, echo] = [await complete({ prompt: "the cat", max_tokens: 5, seed: 1 }), await complete({ prompt: "the cat", max_tokens: 5, seed: 1, echo: true })];
  assert.equal(echo.choices[0].text, "the cat" + plain.choices[0].text);
});

call("what was said scores as it did when it was said", async () => {
  const names = await tokenNames();
  const said = (await complete({ prompt: [60, 61, 62], max_tokens: 6, logprobs: 1, seed: 3 })).choices[0].logprobs;
  const ids = said.tokens.map((name) => names.indexOf(name));
  const again = (await complete({ prompt: [60, 61, 62, ...ids], max_tokens: 0, echo: true, logprobs: 1 })).choices[0].logprobs;
  assert.deepEqual(again.token_logprobs.slice(3), said.token_logprobs);
  assert.equal(again.token_logprobs[0], null);
  assert.equal(again.top_logprobs[0], null);
});

call("offsets tell where each token begins", async () => {
  const { text, logprobs } = (await complete({ prompt: "the cat sat on", max_tokens: 0, echo: true, logprobs: 0 })).choices[0];
  logprobs.tokens.forEach((token, i) => assert.ok(text.startsWith(token, logprobs.text_offset[i])));
});

call("best_of returns the likeliest", async () => {
  const mean = (choice) => choice.logprobs.token_logprobs.reduce((sum, value) => sum + value, 0) / choice.logprobs.token_logprobs.length;
  const all = (await complete({ prompt: "the", n: 6, max_tokens: 5, logprobs: 0, seed: 9 })).choices.sort((a, b) => mean(b) - mean(a));
  const best = await complete({ prompt: "the", n: 1, best_of: 6, max_tokens: 5, seed: 9 });
  assert.deepEqual(best.choices.map((choice) => choice.text), [all[0].text]);
  assert.ok(best.usage.completion_tokens > 5);
});

call("several prompts are answered in their order", async () => {
  const one = await complete({ prompt: "the rat", max_tokens: 6, temperature: 0 });
  const many = await complete({ prompt: ["the cat", "the rat"], n: 2, max_tokens: 6, temperature: 0 });
  assert.deepEqual(many.choices.map((choice) => choice.index), [0, 1, 2, 3]);
  assert.deepEqual([many.choices[2].text, many.choices[3].text], [one.choices[0].text, one.choices[0].text]);
});

call("prompts may be arrays of token ids", async () => {
  const { tokens } = await client.post("/tokenize", { body: { model: "tiny", prompt: "the cat" } });
  const [text, ids] = [await complete({ prompt: "the cat", max_tokens: 6, temperature: 0 }), await complete({ prompt: [tokens], max_tokens: 6, temperature: 0 })];
  assert.equal(text.choices[0].text, ids.choices[0].text);
});

call("a streamed completion says the same, with the usage at its end", async () => {
  const parameters = { prompt: "the cat", max_tokens: 8, seed: 4, logprobs: 1, echo: true };
  const whole = await complete(parameters);
  const pieces = await collect(complete({ ...parameters, stream: true, stream_options: { include_usage: true } }));
  assert.equal(pieces.flatMap((piece) => piece.choices).map((choice) => choice.text).join(""), whole.choices[0].text);
  assert.deepEqual(pieces.flatMap((piece) => piece.choices).flatMap((choice) => choice.logprobs?.token_logprobs ?? []), whole.choices[0].logprobs.token_logprobs);
  assert.deepEqual([pieces.at(-1).choices, pieces.at(-1).usage.completion_tokens], [[], whole.usage.completion_tokens]);
});

call("a completion's stop is never shown", async () => {
  const free = (await complete({ prompt: "the", max_tokens: 12, temperature: 0 })).choices[0].text;
  const stop = free.slice(3, 5);
  const cut = (await complete({ prompt: "the", max_tokens: 12, temperature: 0, stop })).choices[0];
  assert.deepEqual([cut.text, cut.finish_reason], [free.slice(0, free.indexOf(stop)), "stop"]);
});

call("embeddings as the client asks for them, in base64, are those of floats", async () => {
  const input = ["the cat", "sat on the mat"];
  const usual = await client.embeddings.create({ model: "tiny", input });
  const floats = await client.embeddings.create({ model: "tiny", input, encoding_format: "float" });
  assert.deepEqual(usual.data.map((entry) => [...entry.embedding].map(Math.fround)), floats.data.map((entry) => entry.embedding.map(Math.fround)));
  assert.deepEqual(usual.data.map((entry) => entry.index), [0, 1]);
  assert.deepEqual([usual.object, usual.data[0].object, usual.usage.total_tokens], ["list", "embedding", usual.usage.prompt_tokens]);
});

call("base64 is handed out where it is asked for", async () => {
  const { data: [{ embedding }] } = await client.embeddings.create({ model: "tiny", input: "the cat", encoding_format: "base64" });
  assert.equal(Buffer.from(embedding, "base64").length, 32 * 4);
});

call("an embedding has length one, cut ones too", async () => {
  const length = (vector) => Math.hypot(...vector);
  const [whole, cut] = [await client.embeddings.create({ model: "tiny", input: "the cat" }), await client.embeddings.create({ model: "tiny", input: "the cat", dimensions: 8 })];
  assert.ok(Math.abs(length(whole.data[0].embedding) - 1) < 1e-5 && Math.abs(length(cut.data[0].embedding) - 1) < 1e-5);
  assert.equal(cut.data[0].embedding.length, 8);
  assert.ok(Math.abs(cut.data[0].embedding[0] / cut.data[0].embedding[1] - whole.data[0].embedding[0] / whole.data[0].embedding[1]) < 1e-3);
});

call("embeddings take token ids", async () => {
  const { tokens } = await client.post("/tokenize", { body: { model: "tiny", prompt: "the cat" } });
  const [text, ids, many] = await Promise.all(["the cat", tokens, [tokens, tokens]].map((input) => client.embeddings.create({ model: "tiny", input })));
  assert.deepEqual(ids.data[0].embedding, text.data[0].embedding);
  assert.deepEqual(many.data.map((entry) => entry.embedding), [text.data[0].embedding, text.data[0].embedding]);
});

call("models are listed by pages", async () => {
  const models = await collect(client.models.list());
  assert.deepEqual(models.map((model) => model.id).sort(), ["reciter", "tiny"]);
  for (const model of models) assert.deepEqual([model.object, model.owned_by, typeof model.created], ["model", "parley", "number"]);
});

call("a model is found by its name", async () => assert.equal((await client.models.retrieve("tiny")).id, "tiny"));

call("tokens go to text and back", async () => {
  const { tokens, count, token_strs } = await client.post("/tokenize", { body: { model: "tiny", prompt: "the cat sat", return_token_strs: true } });
  assert.deepEqual([count, token_strs.join("")], [tokens.length, "the cat sat"]);
  assert.equal((await client.post("/detokenize", { body: { model: "tiny", tokens } })).prompt, "the cat sat");
});

call("documents are reranked", async () => {
  const documents = ["the cat", "the rat", "the mat"];
  const { results } = await client.post("/rerank", { body: { model: "tiny", query: "the cat", documents, top_n: 2, return_documents: true } });
  assert.equal(results.length, 2);
  assert.ok(results[0].relevance_score >= results[1].relevance_score);
  assert.equal(results[0].document.text, documents[results[0].index]);
});
