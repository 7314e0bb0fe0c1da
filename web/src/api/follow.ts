// Follows one generation to its end through drops: reads its log, remembers the last sequence number, and after a drop
// opens it again just before that one (a text and the end may share a number), waiting longer each time. Does not know the store, the DOM or which host it talks to.
import { ApiError } from "./errors";
import { EventStreamParser } from "./eventStream";
import { toGenerationEvent } from "./generationEvents";
import type { GenerationEvent } from "./types";

export type StreamPhase = "connecting" | "live" | "reconnecting";

export interface FollowOptions {
  /** Opens the log after a sequence number. */
  open(after: number, signal: AbortSignal): Promise<Response>;
  /** Receives the events of one network chunk together, so that the page draws once for them. */
  onEvents(events: GenerationEvent[]): void;
  onPhase(phase: StreamPhase): void;
  /** Waits before another attempt; may return early when the network comes back. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  signal: AbortSignal;
  /** Silence after which a connection is taken for dead. */
  silence?: number;
}

const firstWait = 400;
const longestWait = 8_000;

/** Resolves after `done` or `error`, or when the signal aborts; rejects only when the host refuses the log (4xx). */
export async function follow(options: FollowOptions): Promise<void> {
  const { onPhase, wait, signal } = options;
  const position: Position = { seq: 0, ended: false };
  let failures = 0;
  onPhase("connecting");
  while (!signal.aborted) {
    const before = position.seq;
    try {
      await readOnce(options, position);
      if (position.ended) return;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
    }
    failures = position.seq > before ? 1 : failures + 1;
    onPhase("reconnecting");
    await wait(Math.min(firstWait * 2 ** (failures - 1), longestWait), signal);
  }
}

interface Position {
  seq: number;
  ended: boolean;
}

async function readOnce({ open, onEvents, onPhase, signal, silence = 45_000 }: FollowOptions, position: Position) {
  const attempt = new AbortController();
  const stop = () => attempt.abort();
  signal.addEventListener("abort", stop);
  let watchdog = setTimeout(stop, silence);
  try {
    const response = await open(Math.max(0, position.seq - 1), attempt.signal);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventStreamParser();
    onPhase("live");
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, silence);
      const events = advance(position, parser.push(value).map(toGenerationEvent));
      if (events.length > 0) onEvents(events);
      if (position.ended) return;
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", stop);
    attempt.abort();
  }
}

/** Drops what was seen already and moves the position past the rest. */
function advance(position: Position, candidates: (GenerationEvent | null)[]): GenerationEvent[] {
  const fresh: GenerationEvent[] = [];
  for (const event of candidates) {
    if (!event || position.ended || event.seq < position.seq) continue;
    if (event.seq === position.seq && event.kind === "delta") continue;
    position.seq = event.seq;
    position.ended = event.kind !== "delta";
    fresh.push(event);
  }
  return fresh;
}

/** Waits on the clock, the network's return or the signal, whichever is first. */
export function waitForNetwork(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      removeEventListener("online", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    addEventListener("online", finish);
    signal.addEventListener("abort", finish);
  });
}
