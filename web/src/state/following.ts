// Keeps one reader per running answer. Starting it twice is harmless; it survives leaving the conversation.
import { ApiError, describeError } from "../api/errors";
import { follow } from "../api/follow";
import type { Context } from "./effects";
import { isStreaming } from "./generation";
import type { Thread } from "./state";

const readers = new WeakMap<Context, Map<string, AbortController>>();

/** Follows every answer of a thread that is still being written. */
export function followThread(context: Context, conversation: string, thread: Thread): void {
  for (const message of Object.values(thread.messages)) {
    if (isStreaming(message) && message.generation_id) followAnswer(context, conversation, message.id, message.generation_id);
  }
}

export function followAnswer(context: Context, conversation: string, message: string, generation: string): void {
  const running = readers.get(context) ?? new Map<string, AbortController>();
  readers.set(context, running);
  if (running.has(generation)) return;
  const controller = new AbortController();
  running.set(generation, controller);
  void read(context, { conversation, message, generation }, controller.signal).finally(() => running.delete(generation));
}

interface Target {
  conversation: string;
  message: string;
  generation: string;
}

async function read(context: Context, { conversation, message, generation }: Target, signal: AbortSignal): Promise<void> {
  const { api, store } = context;
  try {
    await follow({
      open: (after, abort) => api.events(generation, after, abort),
      onEvents: (events) => store.dispatch({ type: "events/received", id: conversation, message, generation, events }),
      onPhase: (phase) => store.dispatch({ type: "stream/phase", generation, phase }),
      wait: context.wait,
      signal,
    });
  } catch (error) {
    const failure = { kind: "error", seq: Number.MAX_SAFE_INTEGER, message: describeError(error) } as const;
    store.dispatch({ type: "events/received", id: conversation, message, generation, events: [failure] });
    if (!(error instanceof ApiError)) console.error(error);
  } finally {
    store.dispatch({ type: "stream/ended", generation });
    await refresh(context, conversation);
  }
}

/** The stored truth after an answer ended: text, usage, a title the host may have given. Failing here changes nothing on display. */
async function refresh({ api, store }: Context, conversation: string): Promise<void> {
  try {
    const detail = await api.conversation(conversation);
    const { messages: _, active_leaf_id: __, ...row } = detail;
    if (store.get().threads[conversation]) store.dispatch({ type: "thread/loaded", detail });
    if (store.get().list.items.some((item) => item.id === conversation)) store.dispatch({ type: "conversation/changed", conversation: row });
  } catch {
    // The conversation was deleted meanwhile, or the host is away; what was streamed stays on display.
  }
}
