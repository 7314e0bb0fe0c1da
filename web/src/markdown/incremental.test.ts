// Parsing bit by bit ends where parsing at once does, and settled blocks keep their identity.
import { describe, expect, it } from "vitest";
import { parse, parseGrowing, type Parsed } from "./incremental";

const text = [
  "# A heading", "", "Some *text* with **bold** and `code`,", "on two lines.", "", "- one", "- two", "  - nested", "", "- loose", "",
  "1. first", "2. second", "", "```ts", "const a = 1;", "", "// a comment", "```", "", "| a | b |", "|---|---|", "| 1 | 2 |", "| 3 | 4 |", "",
  "> quoted", "> more", "", "Setext", "---", "", "Between.", "", "    indented code", "", "The **end**.", "",
].join("\n");

const grow = (source: string) => {
  const steps: Parsed[] = [];
  for (let length = 1; length <= source.length; length++) steps.push(parseGrowing(steps.at(-1) ?? null, source.slice(0, length)));
  return steps;
};
const shape = (parsed: Parsed) => parsed.blocks.map(({ type, raw }) => [type, raw]);

describe("parseGrowing", () => {
  it("ends with the blocks of the whole text", () => {
    expect(shape(grow(text).at(-1)!)).toEqual(shape(parse(text)));
  });

  it("has the right settled blocks at every prefix", () => {
    for (const step of grow(text)) {
      const whole = parse(step.source);
      expect(step.blocks.slice(0, step.settled).map(({ raw }) => raw)).toEqual(whole.blocks.slice(0, step.settled).map(({ raw }) => raw));
    }
  });

  it("keeps settled blocks as the same objects", () => {
    const steps = grow(text);
    for (let i = 1; i < steps.length; i++) {
      const before = steps[i - 1]!;
      before.blocks.slice(0, before.settled).forEach((block, index) => expect(steps[i]!.blocks[index]).toBe(block));
    }
    expect(steps.at(-1)!.settled).toBeGreaterThan(10);
  });

  it("starts over when the text is another", () => {
    expect(shape(parseGrowing(parse(text), "Other."))).toEqual(shape(parse("Other.")));
  });

  it("takes Windows line ends", () => {
    expect(shape(grow(text.replaceAll("\n", "\r\n")).at(-1)!)).toEqual(shape(parse(text)));
  });

  it("does not make a paragraph a heading while a list begins below it", () => {
    const types = grow("Things:\n- a\n- b").map((step) => step.blocks[0]?.type);
    expect(new Set(types)).toEqual(new Set(["paragraph"]));
  });
});
