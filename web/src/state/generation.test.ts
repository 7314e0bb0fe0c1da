// Events make the same text in any number of applications, and never more than the log holds.
import { describe, expect, it } from "vitest";
import type { GenerationEvent } from "../api/types";
import { applyEvents, canContinue, isThinking, mergeMessage, place } from "./generation";
import { answer } from "./testing";

const text = "Naïve café — 🌍 fine.";

/** The text cut into deltas of one to three UTF-16 units, then the end. */
function log(start = 0): GenerationEvent[] {
  const events: GenerationEvent[] = [];
  for (let at = 0, seq = 1; at < text.length; seq++) {
    const size = 1 + (seq % 3);
    events.push({ kind: "delta", seq, offset: start + at, text: text.slice(at, at + size) });
    at += size;
  }
  return [...events, { kind: "done", seq: events.length + 1, status: "completed", finish_reason: "stop", usage: { prompt_tokens: 3, completion_tokens: 9 } }];
}

describe("applyEvents", () => {
  it("builds the text and the end", () => {
    expect(applyEvents(answer("a"), log())).toMatchObject({ content: text, status: "completed", usage: { completion_tokens: 9 } });
  });

  it("changes nothing when events come again, from any point", () => {
    const done = applyEvents(answer("a"), log());
    for (let from = 0; from < log().length; from++) expect(applyEvents(done, log().slice(from))).toBe(done);
  });

  it("replays the whole log over any stored beginning without losing, doubling or showing less", () => {
    for (let stored = 0; stored <= text.length; stored++) {
      let message = answer("a", { content: text.slice(0, stored) });
      for (const event of log()) {
        message = applyEvents(message, [event]);
        expect(text.startsWith(message.content)).toBe(true);
        expect(message.content.length).toBeGreaterThanOrEqual(stored);
      }
      expect(message.content).toBe(text);
    }
  });

  it("goes on behind an earlier run's text", () => {
    const before = "First part. ";
    expect(applyEvents(answer("a", { content: before }), log(before.length)).content).toBe(before + text);
  });

  it("builds the thoughts apart from the text, however often they come", () => {
    const events: GenerationEvent[] = [
      { kind: "delta", seq: 2, offset: 0, text: "", reasoning: { offset: 0, text: "Two and" } },
      { kind: "delta", seq: 3, offset: 0, text: "Four", reasoning: { offset: 7, text: " two." } },
      { kind: "delta", seq: 4, offset: 4, text: "." },
    ];
    const said = applyEvents(answer("a"), events);
    expect(said).toMatchObject({ reasoning: "Two and two.", content: "Four." });
    for (let from = 0; from < 3; from++) expect(applyEvents(said, events.slice(from))).toBe(said);
    expect(applyEvents(answer("a", { reasoning: "Two a" }), events).reasoning).toBe("Two and two.");
    expect(isThinking(applyEvents(answer("a"), events.slice(0, 1)))).toBe(true);
    expect(isThinking(said)).toBe(false);
  });

  it("keeps what was said when the run fails", () => {
    const failed = applyEvents(answer("a"), [...log().slice(0, 3), { kind: "error", seq: 4, message: "The model ran out of memory." }]);
    expect(failed).toMatchObject({ status: "failed", failure: "The model ran out of memory." });
    expect(text.startsWith(failed.content) && failed.content !== "").toBe(true);
  });
});

describe("place", () => {
  it("replaces what followed the offset when it differs", () => expect(place("abcdef", 2, "XY")).toBe("abXY"));
  it("leaves no hole", () => expect(place("ab", 5, "x")).toBe("ab"));
});

describe("mergeMessage", () => {
  const streamed = answer("a", { content: "so far", seq: 4 });

  it("keeps what was streamed over an older snapshot", () => {
    expect(mergeMessage(streamed, answer("a", { content: "so", feedback: "up" }))).toMatchObject({ content: "so far", seq: 4, feedback: "up" });
  });

  it("takes the stored end", () => {
    const stored = answer("a", { content: "so far and further", status: "completed" });
    expect(mergeMessage(streamed, stored)).toMatchObject({ content: "so far and further", status: "completed" });
  });

  it("starts over for another run", () => {
    expect(mergeMessage(streamed, answer("a", { content: "x", generation_id: "g-2" }))).toMatchObject({ content: "x", seq: 0 });
  });
});

it.each([
  [{ status: "interrupted" }, true],
  [{ status: "cancelled" }, true],
  [{ status: "completed", finish_reason: "length" }, true],
  [{ status: "completed", finish_reason: "stop" }, false],
  [{ status: "streaming" }, false],
  [{ status: "failed" }, false],
] as const)("offers to continue %j: %s", (change, expected) => {
  expect(canContinue(answer("a", change))).toBe(expected);
});
