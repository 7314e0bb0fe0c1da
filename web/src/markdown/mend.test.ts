// The unfinished end of a text never shows a marker that is about to become formatting.
import { expect, it } from "vitest";
import { mend } from "./mend";

it.each([
  ["plain text", "plain text"],
  ["some **bold", "some **bold**"],
  ["some **bold ", "some **bold**"],
  ["some **", "some "],
  ["some **bold**", "some **bold**"],
  ["some *it", "some *it*"],
  ["3 * 4", "3 * 4"],
  ["a `co", "a `co`"],
  ["a `", "a "],
  ["a `code` b", "a `code` b"],
  ["`a ** b` c", "`a ** b` c"],
  ["~~gone", "~~gone~~"],
  ["see [the page](https://exam", "see the page"],
  ["Things:\n-", "Things:"],
  ["Things:\n1.", "Things:"],
  ["| a | b |\n|--", "| a | b |"],
  ["escaped \\*star", "escaped \\*star"],
])("%j becomes %j", (text, expected) => expect(mend(text)).toBe(expected));
