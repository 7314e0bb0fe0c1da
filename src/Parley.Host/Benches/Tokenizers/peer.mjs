// One peer of `bench tokenizer` in a process of its own: loads the tokenizer.json it is given and answers each line on its input with
// "seconds count hash" for encoding all documents once. It is run in the folder into which the bench has installed the packages.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { performance } from "node:perf_hooks";

const [name, tokenizerFile, documentsFile] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const json = JSON.parse(readFileSync(tokenizerFile, "utf8"));
const documents = readFileSync(documentsFile, "utf8").split("\0");
const encode = { tiktoken, "@huggingface/tokenizers": huggingFace, tokenizers: native }[name]();

// Ranks are ids; a line of "prefix, first rank, tokens in base64". The byte alphabet of tokenizer.json is turned back into bytes.
function tiktoken() {
  const { Tiktoken } = require("tiktoken");
  const bytes = new Map();
  let extra = 256;
  for (let value = 0; value < 256; value++) {
    const printable = (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || value >= 174;
    bytes.set(printable ? value : extra++, value);
  }
  const added = new Set(json.added_tokens.map((token) => token.content));
  const ranks = Object.entries(json.model.vocab).filter(([token]) => !added.has(token)).sort((left, right) => left[1] - right[1]);
  const lines = ranks.map(([token, id]) => `! ${id} ${Buffer.from([...token].map((character) => bytes.get(character.codePointAt(0)))).toString("base64")}`);
  const pattern = json.pre_tokenizer.pretokenizers[0].pattern.Regex;
  const encoder = new Tiktoken(lines.join("\n"), {}, pattern);
  return (text) => encoder.encode_ordinary(text);
}

function huggingFace() {
  const { Tokenizer } = require("@huggingface/tokenizers");
  const tokenizer = new Tokenizer(json, {});
  return (text) => tokenizer.encode(text).ids;
}

// The Rust library: its binding encodes off the main thread, one document at a time here.
function native() {
  const { Tokenizer } = require("tokenizers");
  const tokenizer = Tokenizer.fromFile(tokenizerFile);
  return (text) => tokenizer.encode(text, null, { addSpecialTokens: false }).then((encoding) => encoding.getIds());
}

console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const all = [];
  for (const document of documents) all.push(await encode(document));
  const seconds = (performance.now() - started) / 1000;
  let [count, hash] = [0, 17];
  for (const ids of all) {
    count += ids.length;
    for (const id of ids) hash = (Math.imul(hash, 31) + id) | 0;
  }
  console.log(`${seconds} ${count} ${hash}`);
}
