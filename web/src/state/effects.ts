// What the page does: asks the host, then dispatches what came of it. Each effect is a small function over this one context.
import type { Client } from "../api/client";
import { describeError, isAbort } from "../api/errors";
import type { Store } from "./store";

export interface Context {
  api: Client;
  store: Store;
  /** Shows the conversation in the address; null is a new one. */
  navigate(id: string | null): void;
  /** Waits before another attempt at a dropped stream. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

let lastNotice = 0;

/** Shows one sentence, for a while, with at most one thing to do about it. */
export function notify({ store }: Context, text: string, action?: { label: string; run: () => void }): number {
  const id = ++lastNotice;
  store.dispatch({ type: "notice/shown", notice: action ? { id, text, action } : { id, text } });
  return id;
}

/** Runs an effect; a failure becomes a notice with a retry instead of a rejection nobody sees. */
export async function attempt(context: Context, effect: () => Promise<void>): Promise<void> {
  try {
    await effect();
  } catch (error) {
    if (isAbort(error)) return;
    notify(context, describeError(error), { label: "Try again", run: () => void attempt(context, effect) });
  }
}
