// One conversation's thread: fetched, grown, branched, streamed into.
import type { ConversationDetail, Message } from "../api/types";
import type { Action } from "./actions";
import { applyEvents, mergeMessage } from "./generation";
import type { ThreadMessage, ThreadState } from "./state";

type Ready = Extract<ThreadState, { phase: "ready" }>;

/** The new threads after an action on one of them; the same object where nothing changed. */
export function reduceThreads(threads: Readonly<Record<string, ThreadState>>, action: Action): Readonly<Record<string, ThreadState>> {
  const id = threadOf(action);
  if (id === null) return threads;
  const before = threads[id];
  const after = reduceThread(before, action);
  return after === before || !after ? threads : { ...threads, [id]: after };
}

function threadOf(action: Action): string | null {
  if (action.type === "thread/loaded") return action.detail.id;
  return action.type !== "opened" && "id" in action && typeof action.id === "string" ? action.id : null;
}

function reduceThread(thread: ThreadState | undefined, action: Action): ThreadState | undefined {
  switch (action.type) {
    case "thread/loading":
      return thread?.phase === "ready" ? thread : { phase: "loading" };
    case "thread/failed":
      return thread?.phase === "ready" ? thread : { phase: "failed", error: action.error };
    case "thread/loaded":
      return loaded(thread, action.detail);
    case "messages/added":
      return grow(thread, action.messages, action.leaf);
    default:
      return thread?.phase === "ready" ? reduceReady(thread, action) : thread;
  }
}

function reduceReady(thread: Ready, action: Action): Ready {
  switch (action.type) {
    case "leaf/chosen":
      return { ...thread, leaf: action.leaf };
    case "feedback/given":
      return update(thread, action.message, (message) => ({ ...message, feedback: action.rating }));
    case "answer/continued":
      return update(thread, action.message, ({ failure: _, ...message }) => ({
        ...message,
        generation_id: action.generation,
        status: "streaming",
        finish_reason: null,
        seq: 0,
      }));
    case "events/received":
      return update(thread, action.message, (message) =>
        message.generation_id === action.generation ? applyEvents(message, action.events) : message,
      );
    default:
      return thread;
  }
}

function update(thread: Ready, id: string, change: (message: ThreadMessage) => ThreadMessage): Ready {
  const before = thread.messages[id];
  if (!before) return thread;
  const after = change(before);
  return after === before ? thread : { ...thread, messages: { ...thread.messages, [id]: after } };
}

/** The host's messages over ours. The branch on display stays: another tab's choice does not move this one. */
function loaded(thread: ThreadState | undefined, detail: ConversationDetail): Ready {
  const leaf = thread?.phase === "ready" ? thread.leaf : null;
  return grow(thread, detail.messages, leaf ?? detail.active_leaf_id);
}

/** Messages are never removed, so what an older snapshot does not hold yet stays. */
function grow(thread: ThreadState | undefined, added: Message[], leaf: string | null): Ready {
  const before = thread?.phase === "ready" ? thread.messages : {};
  const after = Object.fromEntries(added.map((message) => [message.id, mergeMessage(before[message.id], message)]));
  return { phase: "ready", messages: { ...before, ...after }, leaf };
}
