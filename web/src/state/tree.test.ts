// A tree of two edits and two tries, and every way through it.
import { describe, expect, it } from "vitest";
import { answer, question, threadOf } from "./testing";
import { newestLeaf, versions, visiblePath } from "./tree";

const tree = (leaf: string | null) =>
  threadOf(
    leaf,
    question("q1", null),
    answer("a1", { parent_id: "q1" }),
    answer("a2", { parent_id: "q1" }),
    question("q2", "a1"),
    answer("a3", { parent_id: "q2" }),
    question("q1b", null),
    answer("a4", { parent_id: "q1b" }),
  );

const ids = (messages: { id: string }[]) => messages.map(({ id }) => id);

describe("visiblePath", () => {
  it.each([
    ["a3", ["q1", "a1", "q2", "a3"]],
    ["a2", ["q1", "a2"]],
    ["a4", ["q1b", "a4"]],
  ])("to %s", (leaf, path) => expect(ids(visiblePath(tree(leaf)))).toEqual(path));

  it("shows the newest branch when the leaf is not known", () => {
    expect(ids(visiblePath(tree(null)))).toEqual(["q1b", "a4"]);
    expect(ids(visiblePath(tree("gone")))).toEqual(["q1b", "a4"]);
  });

  it("of nothing is empty", () => expect(visiblePath(threadOf(null))).toEqual([]));

  it("ends on a circle, which only a broken host could send", () => {
    const circle = threadOf("x", question("x", "y"), question("y", "x"));
    expect(ids(visiblePath(circle))).toEqual(["y", "x"]);
  });
});

it("versions share a parent and a role, oldest first", () => {
  const { messages } = tree(null);
  const of = versions(messages);
  expect(of(messages["a2"]!)).toEqual(["a1", "a2"]);
  expect(of(messages["q1b"]!)).toEqual(["q1", "q1b"]);
  expect(of(messages["a3"]!)).toEqual(["a3"]);
});

it("choosing a version leads to the end of its newest branch", () => {
  const { messages } = tree(null);
  expect(newestLeaf(messages, "a1")).toBe("a3");
  expect(newestLeaf(messages, "q1")).toBe("a2");
  expect(newestLeaf(messages, "a3")).toBe("a3");
});
