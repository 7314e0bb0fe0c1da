// Answers of a given form: response_format and the additions that go beyond it.
import { makeParseableResponseFormat } from "openai/lib/parser";
import { call, assert, ask, recite, client, collect, joined, user, refused, OpenAI } from "../suite.js";

const schema = {
  type: "object",
  properties: {
    colour: { enum: ["red", "green"] },
    size: { type: "integer", minimum: 1, maximum: 9 },
    tags: { type: "array", items: { type: "string", maxLength: 3 }, maxItems: 2 },
    next: { anyOf: [{ type: "null" }, { $ref: "#/$defs/point" }] },
  },
  required: ["colour", "size", "tags", "next"],
  additionalProperties: false,
  $defs: { point: { type: "object", properties: { x: { type: "boolean" } }, required: ["x"], additionalProperties: false } },
};

const format = { type: "json_schema", json_schema: { name: "thing", strict: true, schema } };

/** As the client's own zodResponseFormat does it. */
const parsed = makeParseableResponseFormat(format, JSON.parse);

const check = (value) => {
  assert.deepEqual(Object.keys(value), ["colour", "size", "tags", "next"]);
  assert.ok(["red", "green"].includes(value.colour));
  assert.ok(Number.isInteger(value.size) && value.size >= 1 && value.size <= 9);
  assert.ok(value.tags.length <= 2 && value.tags.every((tag) => [...tag].length <= 3), JSON.stringify(value));
  assert.ok(value.next === null || typeof value.next.x === "boolean");
};

const holds = (name, model) => call(name, async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const { message, finish_reason } = (await client.chat.completions.create({ model, messages: user("HELLO"), response_format: format, seed })).choices[0];
    check(JSON.parse(message.content));
    assert.equal(finish_reason, "stop");
  }
});

holds("a schema holds for a model of random weights", "tiny");
holds("a schema holds for a model that would say something else", "reciter");

call("a schema holds in a stream, and says the same", async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const text = joined(await collect(ask({ response_format: format, seed, stream: true })), "content");
    check(JSON.parse(text));
    assert.equal((await ask({ response_format: format, seed })).choices[0].message.content, text);
  }
});

call("parse hands out the object", async () => {
  const { choices: [{ message }] } = await client.chat.completions.parse({ model: "tiny", messages: user("the cat"), response_format: parsed });
  check(message.parsed);
});

call("the stream helper parses as it goes", async () => {
  const stream = client.chat.completions.stream({ model: "tiny", messages: user("the cat"), seed: 5, response_format: parsed });
  const seen = [];
  stream.on("content.delta", ({ parsed }) => seen.push(parsed));
  check((await stream.finalChatCompletion()).choices[0].message.parsed);
  assert.ok(seen.length > 2);
});

call("parse tells that an answer was cut", async () => {
  const parameters = { model: "tiny", messages: user("the cat"), max_tokens: 3, response_format: parsed };
  assert.match((await refused(client.chat.completions.parse(parameters), OpenAI.OpenAIError)).message, /length limit/);
});

call("JSON mode gives an object", async () => {
  const { message } = (await ask({ response_format: { type: "json_object" }, temperature: 0, logit_bias: {}, max_tokens: 400, seed: 3 })).choices[0];
  assert.ok(message.content.startsWith("{"));
});

call("the format text asks for nothing", async () => assert.equal((await recite("HELLO", { response_format: { type: "text" } })).choices[0].message.content, "Hello, world!"));

call("n answers all keep the form", async () => {
  const { choices } = await ask({ response_format: format, n: 4, seed: 6 });
  choices.forEach((choice) => check(JSON.parse(choice.message.content)));
});

call("choices, regex and grammar hold", async () => {
  assert.ok(["yes", "no"].includes((await ask({ guided_choice: ["yes", "no"] })).choices[0].message.content));
  assert.match((await ask({ guided_regex: "[A-F]{3}-[0-9]{2}" })).choices[0].message.content, /^[A-F]{3}-[0-9]{2}$/);
  assert.match((await ask({ guided_grammar: 'root ::= "a" ("b" | "c") root?', max_tokens: 40 })).choices[0].message.content, /^(a[bc])+a?$/);
});

call("a schema that cannot be honoured is refused by its place", async () => {
  const error = await refused(ask({ response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object", properties: { a: { type: "sting" } } } } } }));
  assert.equal(error.param, "response_format");
  assert.match(error.message, /properties\/a/);
});

call("two forms at once are refused", async () => assert.equal((await refused(ask({ response_format: format, guided_regex: "a" }))).param, "guided_regex"));
