// Tools, and the client's helpers around them.
import { call, assert, recite, ask, client, collect, user, refused } from "../suite.js";

const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = { type: "function", function: { name: "get_weather", description: "Tells the weather.", parameters } };
const now = { type: "function", function: { name: "now", parameters: { type: "object", properties: {}, additionalProperties: false } } };
const pick = {
  type: "function",
  function: {
    name: "pick",
    strict: true,
    parameters: {
      type: "object",
      properties: { colour: { enum: ["red", "green"] }, size: { type: "integer", minimum: 1, maximum: 9 } },
      required: ["colour", "size"],
      additionalProperties: false,
    },
  },
};
const paris = '{"city": "Paris, the city of lights"}';

const checkPick = (text) => {
  const { colour, size } = JSON.parse(text);
  assert.ok(["red", "green"].includes(colour) && Number.isInteger(size) && size >= 1 && size <= 9);
};

call("a call has id, name and arguments", async () => {
  const { message, finish_reason } = (await recite("WEATHER", { tools: [weather, now] })).choices[0];
  assert.deepEqual([message.content, finish_reason, message.tool_calls.length], [null, "tool_calls", 1]);
  assert.match(message.tool_calls[0].id, /^call_/);
  assert.deepEqual(message.tool_calls[0].function, { name: "get_weather", arguments: paris });
});

call("the pieces of a streamed call join to its arguments", async () => {
  const pieces = await collect(recite("WEATHER", { tools: [weather], stream: true }));
  const calls = pieces.flatMap((piece) => piece.choices[0].delta.tool_calls ?? []);
  assert.deepEqual([calls[0].function.name, calls[0].type, calls[0].index], ["get_weather", "function", 0]);
  assert.equal(calls.map((part) => part.function.arguments).join(""), paris);
  assert.equal(pieces.at(-1).choices[0].finish_reason, "tool_calls");
});

call("the stream helper tells of arguments as they come and when they are done", async () => {
  const stream = client.chat.completions.stream({ model: "reciter", messages: user("TWICE"), tools: [weather, now] });
  const [deltas, done] = [[], []];
  stream.on("tool_calls.function.arguments.delta", (event) => deltas.push(event.arguments_delta));
  stream.on("tool_calls.function.arguments.done", (event) => done.push([event.index, event.name, event.arguments]));
  const { message } = (await stream.finalChatCompletion()).choices[0];
  assert.equal(message.content, "Both. ");
  assert.deepEqual(done, [[0, "now", "{}"], [1, "get_weather", '{"city":"Rome"}']]);
  assert.equal(deltas.join(""), '{}{"city":"Rome"}');
  assert.deepEqual(message.tool_calls.map((part) => part.function.name), ["now", "get_weather"]);
});

call("runTools calls the function and goes on with its result", async () => {
  const asked = [];
  const runner = client.chat.completions.runTools({
    model: "reciter",
    messages: user("WEATHER"),
    tools: [{ type: "function", function: { ...weather.function, parse: JSON.parse, function: ({ city }) => (asked.push(city), "Rain. HELLO") } }],
  });
  assert.equal(await runner.finalContent(), "Hello, world!");
  assert.deepEqual(asked, ["Paris, the city of lights"]);
  assert.equal(runner.messages.length, 4);
});

call("runTools works in streams", async () => {
  const runner = client.chat.completions.runTools({
    model: "reciter",
    messages: user("WEATHER"),
    stream: true,
    tools: [{ type: "function", function: { ...weather.function, parse: JSON.parse, function: () => "Rain. HELLO" } }],
  });
  assert.equal(await runner.finalContent(), "Hello, world!");
  assert.equal(await runner.finalFunctionToolCallResult(), "Rain. HELLO");
});

call("a required call comes whatever the model would say", async () => {
  for (const seed of [1, 2, 3]) {
    const { message, finish_reason } = (await ask({ tools: [pick], tool_choice: "required", parallel_tool_calls: false, seed })).choices[0];
    assert.deepEqual([message.tool_calls.length, finish_reason], [1, "tool_calls"]);
    checkPick(message.tool_calls[0].function.arguments);
  }
});

call("a named call is to that function", async () => {
  const { message } = (await ask({ tools: [now, pick], tool_choice: { type: "function", function: { name: "pick" } }, parallel_tool_calls: false })).choices[0];
  assert.equal(message.tool_calls[0].function.name, "pick");
  checkPick(message.tool_calls[0].function.arguments);
});

call("a forced call is streamed too", async () => {
  const pieces = await collect(ask({ tools: [pick], tool_choice: "required", parallel_tool_calls: false, seed: 4, stream: true }));
  checkPick(pieces.flatMap((piece) => piece.choices[0].delta.tool_calls ?? []).map((part) => part.function.arguments).join(""));
  assert.equal(pieces.at(-1).choices[0].finish_reason, "tool_calls");
});

call("parse hands out strict arguments", async () => {
  const { choices: [{ message }] } = await client.chat.completions.parse({ model: "tiny", messages: user("the cat"), tools: [pick], tool_choice: "required", parallel_tool_calls: false });
  assert.ok(["red", "green"].includes(message.tool_calls[0].function.parsed_arguments.colour));
});

call("with none chosen a call is text", async () => {
  const { message, finish_reason } = (await recite("WEATHER", { tools: [weather], tool_choice: "none" })).choices[0];
  assert.ok(message.content.startsWith("<tool_call>"));
  assert.deepEqual([message.tool_calls ?? null, finish_reason], [null, "stop"]);
});

call("what only looks like a call is text", async () => {
  const { message } = (await recite("LOOKALIKE", { tools: [weather] })).choices[0];
  assert.equal(message.content, '<tool_call>{"name": "rm", "arguments": {}}</tool_call>');
});

call("without parallel calls the first ends the answer", async () => {
  const { message } = (await recite("TWICE", { tools: [weather, now], parallel_tool_calls: false })).choices[0];
  assert.deepEqual(message.tool_calls.map((part) => part.function.name), ["now"]);
});

call("a whole answer with calls can be sent back as it came", async () => {
  const first = await recite("TWICE", { tools: [weather, now] });
  const { message } = first.choices[0];
  const results = message.tool_calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "Fine. HELLO" }));
  const answer = await recite("", { messages: [...user("TWICE"), message, ...results], tools: [weather, now] });
  assert.equal(answer.choices[0].message.content, "Hello, world!");
});

call("a tool's bad schema is named by its place", async () => {
  const tool = { type: "function", function: { name: "f", strict: true, parameters: { type: "string" } } };
  assert.equal((await refused(ask({ tools: [tool] }))).param, "tools[0].function.parameters");
});

call("a call without tools is refused", async () => assert.equal((await refused(ask({ tool_choice: "required" }))).param, "tool_choice"));
