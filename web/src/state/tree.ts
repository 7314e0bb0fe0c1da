// The tree of messages: the branch on display, siblings, and where a choice of sibling leads. Pure functions over a Thread.
import type { Thread, ThreadMessage } from "./state";

type Messages = Thread["messages"];

const byAge = (a: ThreadMessage, b: ThreadMessage) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1);

/** From the first message to the leaf. A leaf that is not there shows the newest branch. */
export function visiblePath({ messages, leaf }: Thread): ThreadMessage[] {
  const path: ThreadMessage[] = [];
  const seen = new Set<string>();
  let id = leaf !== null && messages[leaf] ? leaf : newestLeaf(messages, null);
  while (id !== null) {
    const message: ThreadMessage | undefined = messages[id];
    if (!message || seen.has(id)) break;
    seen.add(id);
    path.push(message);
    id = message.parent_id;
  }
  return path.reverse();
}

/** For every message the ids of the messages that answer the same parent in the same role, oldest first, itself among them. */
export function versions(messages: Messages): (message: ThreadMessage) => string[] {
  const place = (message: ThreadMessage) => `${message.parent_id} ${message.role}`;
  const groups = new Map<string, string[]>();
  for (const message of Object.values(messages).sort(byAge)) {
    const group = groups.get(place(message));
    if (group) group.push(message.id);
    else groups.set(place(message), [message.id]);
  }
  return (message) => groups.get(place(message)) ?? [message.id];
}

function children(messages: Messages, parent: string | null): ThreadMessage[] {
  return Object.values(messages)
    .filter((message) => message.parent_id === parent)
    .sort(byAge);
}

/** The end of the newest branch below a message; the message itself where nothing follows it. */
export function newestLeaf(messages: Messages, from: string | null): string | null {
  let id = from;
  for (let steps = Object.keys(messages).length; steps >= 0; steps--) {
    const next = children(messages, id).at(-1);
    if (!next) return id;
    id = next.id;
  }
  return id;
}
