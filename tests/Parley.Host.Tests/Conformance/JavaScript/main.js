// node main.js MAIN GUARDED KEY FAILING VOCABULARY: runs all calls, one after the other, and prints {name, error} for each as a line of JSON.
import { readdirSync } from "node:fs";
import { calls } from "./suite.js";

const limit = 20_000;
for (const file of readdirSync(new URL("calls/", import.meta.url)).sort()) await import(`./calls/${file}`);

for (const { name, body } of calls) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`has not ended after ${limit} ms`)), limit)));
  const error = await Promise.race([Promise.resolve().then(body), late]).then(() => null, (problem) => String(problem?.stack ?? problem));
  clearTimeout(timer);
  process.stdout.write(JSON.stringify({ name, error }) + "\n");
}

process.exit(0); // streams that a call has left open end here
