// What happens to the state as a whole: sending, resuming after a reload, branching, the list.
import { describe, expect, it } from "vitest";
import type { Conversation, ConversationDetail } from "../api/types";
import type { Action } from "./actions";
import { reduce } from "./reduce";
import { initialState, type State } from "./state";
import { answer, question } from "./testing";
import { visiblePath } from "./tree";

const conversation = (id: string, updated_at = 1): Conversation => ({ id, title: id, created_at: 1, updated_at });
const detail = (messages: ConversationDetail["messages"], leaf: string | null): ConversationDetail => ({ ...conversation("c"), messages, active_leaf_id: leaf });
const after = (...actions: Action[]): State => actions.reduce(reduce, initialState);
const path = (state: State) => {
  const thread = state.threads["c"];
  return thread?.phase === "ready" ? visiblePath(thread).map(({ id, content }) => [id, content]) : null;
};
const delta = (seq: number, offset: number, text: string): Action => ({
  type: "events/received", id: "c", message: "a", generation: "g-1", events: [{ kind: "delta", seq, offset, text }],
});
const reloaded: Action = { type: "thread/loaded", detail: detail([question("q", null), answer("a", { content: "Hel" })], "a") };

describe("a reload in mid-answer", () => {
  it("shows what is stored and completes it from the log's start", () => {
    expect(path(after(reloaded, delta(1, 0, "He"), delta(2, 2, "llo"), delta(3, 5, "!")))).toEqual([["q", "q"], ["a", "Hello!"]]);
  });

  it("does not care which comes first, a snapshot or the live events", () => {
    const live = [delta(1, 0, "He"), delta(2, 2, "llo")];
    expect(path(after(reloaded, ...live, reloaded))).toEqual(path(after(reloaded, ...live)));
  });

  it("ignores events of an earlier run", () => {
    const continued: Action = { type: "answer/continued", id: "c", message: "a", generation: "g-2" };
    expect(path(after(reloaded, continued, delta(9, 3, "stale")))?.[1]).toEqual(["a", "Hel"]);
  });
});

describe("sending", () => {
  const pending = { conversation: "c", parent: null, content: "hi" };
  const added: Action = { type: "messages/added", id: "c", messages: [question("q", null), answer("a")], leaf: "a" };

  it("puts both messages in place of the pending one", () => {
    const state = after({ type: "opened", id: "c" }, { type: "send/started", pending }, added);
    expect(state.pending).toBeNull();
    expect(path(state)?.map(([id]) => id)).toEqual(["q", "a"]);
  });

  it("keeps messages that an older snapshot does not hold", () => {
    expect(path(after(added, { type: "thread/loaded", detail: detail([], null) }))?.length).toBe(2);
  });

  it("keeps the text when it fails", () => {
    const state = after({ type: "send/started", pending }, { type: "send/failed", error: "Away." });
    expect(state.pending).toEqual({ ...pending, error: "Away." });
  });
});

describe("branches", () => {
  const two: Action = { type: "thread/loaded", detail: detail([question("q", null), answer("a", { status: "completed" }), answer("b", { status: "completed" })], "b") };

  it("shows the branch that was chosen, also after the host's next snapshot", () => {
    const chosen = after(two, { type: "leaf/chosen", id: "c", leaf: "a" });
    expect(path(chosen)?.at(-1)?.[0]).toBe("a");
    expect(path(reduce(chosen, two))?.at(-1)?.[0]).toBe("a");
  });

  it("marks a rating on one version only", () => {
    const state = after(two, { type: "feedback/given", id: "c", message: "a", rating: "up" });
    const thread = state.threads["c"];
    expect(thread?.phase === "ready" && [thread.messages["a"]?.feedback, thread.messages["b"]?.feedback]).toEqual(["up", undefined]);
  });
});

describe("the list", () => {
  const loaded: Action = { type: "list/loaded", append: false, page: { data: [conversation("x", 3), conversation("y", 2)], has_more: true } };
  const ids = (state: State) => state.list.items.map(({ id }) => id);

  it("appends a page without doubling", () => {
    const more: Action = { type: "list/loaded", append: true, page: { data: [conversation("y", 2), conversation("z", 1)], has_more: false } };
    expect(ids(after(loaded, more))).toEqual(["x", "y", "z"]);
  });

  it("moves what was touched to the top", () => {
    expect(ids(after(loaded, { type: "conversation/changed", conversation: conversation("y", 9) }))).toEqual(["y", "x"]);
  });

  it("takes off and puts back in its place", () => {
    const removed = after(loaded, { type: "conversation/removed", id: "y" }, loaded);
    expect(ids(removed)).toEqual(["x"]);
    expect(ids(reduce(removed, { type: "conversation/restored", conversation: conversation("y", 2) }))).toEqual(["x", "y"]);
  });
});

it("an action that changes nothing gives the same state", () => {
  const state = after(reloaded, delta(1, 0, "He"));
  expect(reduce(state, delta(1, 0, "He"))).toBe(state);
});
