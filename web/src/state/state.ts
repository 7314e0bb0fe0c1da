// What the page knows: one immutable value. Threads hold messages as a tree by parent id, never a list.
import type { StreamPhase } from "../api/follow";
import type { Conversation, Message, Session } from "../api/types";

/** A message as the page keeps it: the wire's, with how far its generation's log was applied. */
export interface ThreadMessage extends Message {
  /** Sequence number of the last event applied, within `generation_id`. */
  seq: number;
  /** Why a failed answer failed, where this page saw it happen. */
  failure?: string;
}

export interface Thread {
  messages: Readonly<Record<string, ThreadMessage>>;
  /** The last message of the branch that is shown. */
  leaf: string | null;
}

/** A thread while it is fetched, or the sentence that says why it could not be. */
export type ThreadState = { phase: "loading" } | { phase: "failed"; error: string } | ({ phase: "ready" } & Thread);

/** What was sent and not yet acknowledged. */
export interface Pending {
  /** The conversation it belongs to; null where that does not exist yet. */
  conversation: string | null;
  parent: string | null;
  content: string;
  error?: string;
}

export interface ListState {
  phase: "loading" | "ready" | "failed";
  items: readonly Conversation[];
  /** Taken off the list here, whatever an older page of the host says. */
  removed: readonly string[];
  hasMore: boolean;
}

export interface Notice {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

export interface State {
  session: Session | null;
  /** Whether the host answered the last time it was asked for anything general. */
  reachable: boolean;
  /** The model chosen for what is sent next; null is the host's default. */
  model: string | null;
  list: ListState;
  /** The conversation on display; null is a new one. */
  open: string | null;
  threads: Readonly<Record<string, ThreadState>>;
  pending: Pending | null;
  /** How each followed generation's connection does, by generation id. */
  streams: Readonly<Record<string, StreamPhase>>;
  notices: readonly Notice[];
}

export const initialState: State = {
  session: null,
  reachable: true,
  model: null,
  list: { phase: "loading", items: [], removed: [], hasMore: false },
  open: null,
  threads: {},
  pending: null,
  streams: {},
  notices: [],
};
