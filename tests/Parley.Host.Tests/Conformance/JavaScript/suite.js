// The calls register themselves here; main.js runs them. Each gets the places of the servers and clients made for them.
import assert from "node:assert/strict";
import OpenAI from "openai";

const [main, guarded, key, failing, vocabulary] = process.argv.slice(2);

export { assert, OpenAI };
export const places = { main, guarded, failing };
export const calls = [];

/** One named call; its body throws what is wrong. */
export const call = (name, body) => calls.push({ name, body });

/** A client that does not retry, so that each call is one request, unless told otherwise. */
export const clientOf = (place, more = {}) => new OpenAI({ baseURL: `${place}/v1`, apiKey: place === guarded ? key : "none", maxRetries: 0, ...more });

export const client = clientOf(main);

export const user = (content) => [{ role: "user", content }];

/** The reciter says the line that its cue, the last word of the prompt, stands for. */
export const recite = (cue, more = {}) => client.chat.completions.create({ model: "reciter", messages: user(cue), ...more });

/** The tiny model with random weights. */
export const ask = (more = {}) => client.chat.completions.create({ model: "tiny", messages: user("the cat"), ...more });

export const complete = (more) => client.completions.create({ model: "tiny", ...more });

export const collect = async (stream) => {
  const pieces = [];
  for await (const piece of await stream) pieces.push(piece);
  return pieces;
};

/** What a streamed choice's deltas say, joined. */
export const joined = (pieces, member, index = 0) =>
  pieces.flatMap((piece) => piece.choices).filter((choice) => choice.index === index).map((choice) => choice.delta?.[member] ?? "").join("");

/** The error that a call ends with; it must be of the class. */
export const refused = async (promise, type = OpenAI.BadRequestError) => {
  const error = await Promise.resolve(promise).then(() => assert.fail("was not refused"), (problem) => problem);
  assert.ok(error instanceof type, `${error?.constructor?.name}: ${error?.message}`);
  return error;
};

/** Names of all the tiny model's tokens, by id, as completions write them. */
let names;
export const tokenNames = async () =>
  (names ??= (await complete({ prompt: Array.from({ length: Number(vocabulary) }, (_, id) => id), max_tokens: 0, echo: true, logprobs: 0 })).choices[0].logprobs.tokens);
