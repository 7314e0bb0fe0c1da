// How events of a generation change a message. Applying an event twice, or one that the stored text already holds, changes nothing.
import type { GenerationEvent, Message, ReasoningPiece } from "../api/types";
import type { ThreadMessage } from "./state";

export function applyEvents(message: ThreadMessage, events: readonly GenerationEvent[]): ThreadMessage {
  return events.reduce(applyEvent, message);
}

export function applyEvent(message: ThreadMessage, event: GenerationEvent): ThreadMessage {
  if (event.seq < message.seq || (event.seq === message.seq && (event.kind === "delta" || !isStreaming(message)))) return message;
  switch (event.kind) {
    case "delta":
      return { ...message, seq: event.seq, content: place(message.content, event.offset, event.text), ...think(message, event.reasoning) };
    case "done":
      return {
        ...message,
        seq: event.seq,
        status: event.status,
        finish_reason: event.finish_reason ?? null,
        usage: event.usage ?? message.usage ?? null,
      };
    case "error":
      return { ...message, seq: event.seq, status: "failed", failure: event.message };
  }
}

function think({ reasoning }: ThreadMessage, piece: ReasoningPiece | undefined): Partial<ThreadMessage> {
  return piece ? { reasoning: place(reasoning ?? "", piece.offset, piece.text) } : {};
}

/**
 * Text placed at its offset: kept where it is already there, otherwise it replaces what followed. Text beyond the end would leave
 * a hole and is not placed; the stored text, fetched at the end, heals that.
 */
export function place(content: string, offset: number, text: string): string {
  if (offset > content.length || content.startsWith(text, offset)) return content;
  return content.slice(0, offset) + text;
}

/** A message from the host over the one already here. A finished one wins; an older snapshot of a running answer does not. */
export function mergeMessage(local: ThreadMessage | undefined, remote: Message): ThreadMessage {
  if (!local || local.generation_id !== remote.generation_id) return { ...remote, seq: 0 };
  if (remote.status !== "streaming") return { ...local, ...remote };
  return { ...local, feedback: remote.feedback ?? null };
}

/** True while the model thinks and has said nothing yet. */
export const isThinking = (message: ThreadMessage): boolean => isStreaming(message) && message.content === "";

/** True where text is still to come. */
export const isStreaming = (message: ThreadMessage | undefined): boolean => message?.status === "streaming";

/** True where the person may ask for the rest. */
export function canContinue({ role, status, finish_reason, generation_id }: ThreadMessage): boolean {
  if (role !== "assistant" || !generation_id) return false;
  return status === "interrupted" || status === "cancelled" || finish_reason === "length";
}
