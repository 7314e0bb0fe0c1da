// What a chat completion takes and tells, apart from tools, forms and errors.
import { call, assert, ask, recite, client, complete, collect, joined, user, tokenNames } from "../suite.js";

call("an answer has every member that the client's types promise", async () => {
  const answer = await recite("HELLO");
  assert.match(answer.id, /^chatcmpl-/);
  assert.equal(answer.object, "chat.completion");
  assert.equal(answer.model, "reciter");
  assert.ok(Math.abs(answer.created - Date.now() / 1000) < 60);
  assert.match(answer.system_fingerprint, /^fp_/);
  assert.deepEqual(answer.choices[0], { index: 0, message: { role: "assistant", content: "Hello, world!", refusal: null }, logprobs: null, finish_reason: "stop" });
});

call("usage adds up and has its details", async () => {
  const { usage } = await recite("THINK");
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  assert.deepEqual([usage.completion_tokens, usage.completion_tokens_details.reasoning_tokens], [8, 5]);
  assert.equal(typeof usage.prompt_tokens_details.cached_tokens, "number");
});

call("the id of the request is told in the header", async () => {
  const { data, response, request_id } = await client.chat.completions.create({ model: "reciter", messages: user("HELLO") }).withResponse();
  assert.match(request_id, /^req_/);
  assert.equal(data._request_id, request_id);
  assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
});

call("tokens of a repeated prompt come from the cache and are told", async () => {
  const messages = user("c".repeat(90));
  const [first, second] = [await ask({ messages, max_tokens: 2 }), await ask({ messages, max_tokens: 2 })];
  assert.equal(first.usage.prompt_tokens, second.usage.prompt_tokens);
  assert.ok(second.usage.prompt_tokens_details.cached_tokens >= 64, "nothing cached");
  assert.ok(second.usage.prompt_tokens_details.cached_tokens < second.usage.prompt_tokens);
});

call("max_completion_tokens ends with length", async () => {
  const { choices: [choice], usage } = await recite("HELLO", { max_completion_tokens: 3 });
  assert.deepEqual([choice.message.content, choice.finish_reason, usage.completion_tokens], ["Hello, ", "length", 3]);
});

call("max_completion_tokens goes before max_tokens", async () => {
  assert.equal((await recite("HELLO", { max_completion_tokens: 1, max_tokens: 3 })).choices[0].message.content, "Hel");
});

call("a stop string across tokens is never shown", async () => {
  const { choices: [choice], usage } = await recite("STOPS", { stop: ["STOP", "xyz"] });
  assert.deepEqual([choice.message.content, choice.finish_reason, usage.completion_tokens], ["one ", "stop", 4]);
});

call("a stop may be one string", async () => assert.equal((await recite("STOPS", { stop: "TOP" })).choices[0].message.content, "one S"));

call("what only begins a stop string is shown", async () => assert.equal((await recite("STOPS", { stop: "STOPS" })).choices[0].message.content, "one STOP two"));

call("a stop token ends the answer and is no text", async () => {
  const free = await ask({ temperature: 0, max_tokens: 6, logprobs: true });
  const tokens = free.choices[0].logprobs.content.map((entry) => entry.token);
  const id = (await tokenNames()).indexOf(tokens[2]);
  const cut = await ask({ temperature: 0, max_tokens: 6, stop_token_ids: [id] });
  const first = tokens.indexOf(tokens[2]);
  assert.deepEqual([cut.choices[0].message.content, cut.choices[0].finish_reason, cut.usage.completion_tokens], [tokens.slice(0, first).join(""), "stop", first + 1]);
});

call("equal seeds repeat, other seeds differ", async () => {
  const say = async (seed) => (await ask({ seed, max_tokens: 20 })).choices[0].message.content;
  assert.equal(await say(5), await say(5));
  assert.notEqual(await say(5), await say(6));
});

call("a seed repeats in a stream", async () => {
  const whole = (await ask({ seed: 11, max_tokens: 20 })).choices[0].message.content;
  assert.equal(joined(await collect(ask({ seed: 11, max_tokens: 20, stream: true })), "content"), whole);
});

call("temperature 0 is the likeliest token, whatever the seed", async () => {
  const say = async (seed) => (await ask({ seed, temperature: 0, max_tokens: 8, logprobs: true, top_logprobs: 1 })).choices[0].logprobs.content;
  const one = await say(1);
  assert.deepEqual(one, await say(2));
  for (const entry of one) assert.equal(entry.logprob, entry.top_logprobs[0].logprob);
});

call("logprobs equal those of a separate forward pass", async () => {
  const names = await tokenNames();
  const messages = user("the cat sat");
  // The model's own control tokens have no entry, so they are kept from coming.
  const bans = Object.fromEntries(names.flatMap((name, id) => (name.startsWith("<|") ? [[id, -100]] : [])));
  const sampled = (await ask({ messages, seed: 3, max_tokens: 12, temperature: 1.3, logprobs: true, top_logprobs: 5, logit_bias: bans })).choices[0].logprobs.content;
  assert.equal(sampled.length, 12);
  const { tokens } = await client.post("/tokenize", { body: { model: "tiny", messages } });
  const ids = sampled.map((entry) => names.indexOf(entry.token.includes("\\x") ? `bytes:${entry.token}` : entry.token));
  const echoed = (await complete({ prompt: [...tokens, ...ids], max_tokens: 0, echo: true, logprobs: 5 })).choices[0].logprobs;
  assert.deepEqual(sampled.map((entry) => entry.logprob), echoed.token_logprobs.slice(tokens.length));
  sampled.forEach((entry, i) => {
    const other = echoed.top_logprobs[tokens.length + i];
    for (const top of entry.top_logprobs) assert.equal(other[top.token.includes("\\x") ? `bytes:${top.token}` : top.token], top.logprob);
  });
});

call("top_logprobs are the best in order and sum to less than one", async () => {
  const [entry] = (await ask({ max_tokens: 1, logprobs: true, top_logprobs: 20 })).choices[0].logprobs.content;
  assert.equal(entry.top_logprobs.length, 20);
  assert.deepEqual(entry.top_logprobs.map((top) => top.logprob), entry.top_logprobs.map((top) => top.logprob).sort((a, b) => b - a));
  assert.ok(entry.top_logprobs.reduce((sum, top) => sum + Math.exp(top.logprob), 0) <= 1.0001);
});

call("the bytes of log-probabilities spell the text", async () => {
  const { choices: [{ message, logprobs }] } = await recite("EMOJI", { logprobs: true });
  assert.equal(message.content, "café 😀!");
  assert.equal(Buffer.from(logprobs.content.flatMap((entry) => entry.bytes)).toString("utf8"), message.content);
  assert.equal(logprobs.refusal, null);
});

call("a bias of 100 forces, one of -100 bans", async () => {
  const x = (await tokenNames()).indexOf("x");
  assert.equal((await ask({ logit_bias: { [x]: 100 }, max_tokens: 4 })).choices[0].message.content, "xxxx");
  const likeliest = (await ask({ temperature: 0, max_tokens: 1, logprobs: true })).choices[0].logprobs.content[0].token;
  const id = (await tokenNames()).indexOf(likeliest);
  assert.notEqual((await ask({ temperature: 0, max_tokens: 1, logit_bias: { [id]: -100 }, logprobs: true })).choices[0].logprobs.content[0].token, likeliest);
});

const keepsAway = (name, penalty) => call(name, async () => {
  const names = await tokenNames();
  const bias = { [names.indexOf("x")]: 51, [names.indexOf("y")]: 50 };
  const say = async (value) => (await ask({ temperature: 0, max_tokens: 2, logit_bias: bias, [penalty]: value })).choices[0].message.content;
  assert.deepEqual([await say(0), await say(2)], ["xx", "xy"]);
});

keepsAway("presence_penalty keeps a token from coming again", "presence_penalty");
keepsAway("frequency_penalty keeps a token from coming again", "frequency_penalty");

call("repetition_penalty holds for the prompt's tokens too", async () => {
  const plain = await ask({ temperature: 0, max_tokens: 24 });
  const penalized = await ask({ temperature: 0, max_tokens: 24, repetition_penalty: 50 });
  assert.notEqual(plain.choices[0].message.content, penalized.choices[0].message.content);
});

const argmax = (name, sampling) => call(name, async () => {
  const greedy = (await ask({ temperature: 0, max_tokens: 8 })).choices[0].message.content;
  assert.equal((await ask({ ...sampling, max_tokens: 8, seed: 7 })).choices[0].message.content, greedy);
});

argmax("min_p that leaves one token is argmax", { min_p: 0.9999 });
argmax("top_k that leaves one token is argmax", { top_k: 1 });
argmax("top_p that leaves one token is argmax", { top_p: 0.00001 });
argmax("temperature close to 0 is argmax", { temperature: 0.000001 });

call("n answers have their indexes, and each its own words", async () => {
  const { choices, usage } = await ask({ n: 3, max_tokens: 12, seed: 1 });
  assert.deepEqual(choices.map((choice) => choice.index), [0, 1, 2]);
  assert.equal(new Set(choices.map((choice) => choice.message.content)).size, 3);
  assert.ok(usage.completion_tokens <= 36 && usage.completion_tokens > 12);
});

call("thoughts have a field of their own", async () => {
  const { message, finish_reason } = (await recite("THINK")).choices[0];
  assert.deepEqual([message.reasoning_content, message.content, finish_reason], ["Two and two.", "Four.", "stop"]);
});

call("a template's variable is passed on", async () =>
  assert.equal((await recite("HELLO", { chat_template_kwargs: { enable_thinking: false } })).choices[0].message.content, "Hello, world!"));

call("what has no meaning here is taken", async () => {
  const answer = await recite("HELLO", { user: "ann", metadata: { a: "b" }, service_tier: "auto", store: false, safety_identifier: "s", prompt_cache_key: "k" });
  assert.equal(answer.choices[0].message.content, "Hello, world!");
});

call("every role and parts of text are read", async () => {
  const messages = [
    { role: "developer", content: "Be short." },
    { role: "user", name: "ann", content: [{ type: "text", text: "Hi " }, { type: "text", text: "there" }] },
    { role: "assistant", content: "Yes?", refusal: null },
    ...user("HELLO"),
  ];
  assert.equal((await recite("", { messages })).choices[0].message.content, "Hello, world!");
});

call("a control token is never text", async () => {
  const { choices: [{ message }], usage } = await recite("CONTROL", { max_tokens: 3 });
  assert.deepEqual([message.content, usage.completion_tokens], ["x", 3]);
});

call("broken bytes are replaced once each", async () => assert.equal((await recite("BROKEN")).choices[0].message.content, "a\uFFFDb\uFFFD\uFFFDc"));
