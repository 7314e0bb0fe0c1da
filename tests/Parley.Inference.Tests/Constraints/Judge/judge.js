// Reads {schema, instances: [text ...]} from stdin, one JSON value a line; answers each with an array of 1 (valid), 0 (invalid), or -1 (no JSON).
"use strict";
const Ajv = require("ajv/dist/2020");
const formats = require("ajv-formats");
const readline = require("node:readline");

const judge = ({ schema, instances }) => {
  const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: true, logger: false });
  formats(ajv);
  const validate = ajv.compile(schema);
  return instances.map((text) => {
    try {
      return validate(JSON.parse(text)) ? 1 : 0;
    } catch (error) {
      if (error instanceof SyntaxError) return -1;
      throw error;
    }
  });
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  try {
    console.log(JSON.stringify(judge(JSON.parse(line))));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
});
