// Each kind of event as the host writes it, and everything else left out.
import { expect, it } from "vitest";
import { toGenerationEvent } from "./generationEvents";

const read = (event: string, data: unknown) => toGenerationEvent({ id: "7", event, data: typeof data === "string" ? data : JSON.stringify(data) });

it("reads thoughts beside texts", () => {
  const delta = { kind: "delta", seq: 3, offset: 0, text: "" };
  expect(read("delta", { seq: 3, offset: 0, text: "", reasoning: { offset: 4, text: "hm" } })).toEqual({ ...delta, reasoning: { offset: 4, text: "hm" } });
  for (const reasoning of [null, {}, { text: "hm" }, 7]) expect(read("delta", { seq: 3, offset: 0, text: "", reasoning })).toEqual(delta);
});

it("reads texts and ends", () => {
  expect(read("delta", { seq: 3, offset: 10, text: "hi" })).toEqual({ kind: "delta", seq: 3, offset: 10, text: "hi" });
  expect(read("done", { status: "cancelled", finish_reason: null, usage: null, error: null })).toMatchObject({ kind: "done", seq: 7, status: "cancelled" });
});

it.each([
  [{ seq: 4, status: "failed", error: "Out of memory." }, "Out of memory."],
  [{ seq: 4, error: { message: "Out of memory." } }, "Out of memory."],
  [{ seq: 4, error: null }, "The answer could not be finished."],
])("reads the error in %j", (data, message) => expect(read("error", data)).toEqual({ kind: "error", seq: 4, message }));

it.each([["delta", { seq: 1, text: "no offset" }], ["delta", "not json"], ["surprise", { seq: 1 }], ["delta", "null"]])("leaves out %s %j", (event, data) => {
  expect(read(event, data)).toBeNull();
});
