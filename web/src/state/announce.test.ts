// A screen reader hears whole sentences, each once.
import { expect, it } from "vitest";
import { nextAnnouncement } from "./announce";

it("announces a growing answer completely, in whole sentences", () => {
  const text = "A fox came. It was *very* quick! And then";
  const heard: string[] = [];
  let from = 0;
  for (let length = 0; length <= text.length; length++) {
    const { text: said, upTo } = nextAnnouncement(text.slice(0, length), from, false);
    if (said !== "") heard.push(said);
    from = upTo;
  }
  heard.push(nextAnnouncement(text, from, true).text);
  expect(heard).toEqual(["A fox came.", "It was very quick!", "And then"]);
});

it("does not take a decimal point for an end", () => {
  expect(nextAnnouncement("Pi is 3.14", 0, false).text).toBe("");
});
