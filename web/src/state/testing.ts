// Messages and threads for tests, with as little said as each test needs.
import type { Thread, ThreadMessage } from "./state";

let clock = 0;

export function question(id: string, parent: string | null, change: Partial<ThreadMessage> = {}): ThreadMessage {
  return { id, parent_id: parent, role: "user", content: id, created_at: ++clock, seq: 0, ...change };
}

export function answer(id: string, change: Partial<ThreadMessage> = {}): ThreadMessage {
  const mine = { parent_id: "q", generation_id: "g-1", status: "streaming" } as const;
  return { id, role: "assistant", content: "", created_at: ++clock, seq: 0, ...mine, ...change };
}

export function threadOf(leaf: string | null, ...messages: ThreadMessage[]): Thread {
  return { leaf, messages: Object.fromEntries(messages.map((message) => [message.id, message])) };
}
