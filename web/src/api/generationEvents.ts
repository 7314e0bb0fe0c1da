// A generation's events out of server-sent events. An event of an unknown kind, or one that cannot be read, is left out.
import { parseError } from "./errors";
import type { ServerSentEvent } from "./eventStream";
import type { GenerationEvent, GenerationStatus, ReasoningPiece, Usage } from "./types";

interface Payload {
  seq?: number;
  offset?: number;
  text?: string;
  reasoning?: Partial<ReasoningPiece> | null;
  status?: GenerationStatus;
  finish_reason?: string | null;
  usage?: Usage | null;
  error?: unknown;
}

export function toGenerationEvent({ id, event, data }: ServerSentEvent): GenerationEvent | null {
  const payload = parse(data);
  if (!payload) return null;
  const seq = payload.seq ?? Number(id);
  if (!Number.isFinite(seq)) return null;
  switch (event) {
    case "delta":
      return typeof payload.text === "string" && typeof payload.offset === "number"
        ? { kind: "delta", seq, offset: payload.offset, text: payload.text, ...thoughts(payload.reasoning) }
        : null;
    case "done":
      return {
        kind: "done",
        seq,
        status: payload.status ?? "completed",
        finish_reason: payload.finish_reason ?? null,
        usage: payload.usage ?? null,
      };
    case "error":
      return { kind: "error", seq, message: sentence(payload.error, data) };
    default:
      return null;
  }
}

function thoughts(piece: Payload["reasoning"]): { reasoning?: ReasoningPiece } {
  return typeof piece?.text === "string" && typeof piece.offset === "number" ? { reasoning: { offset: piece.offset, text: piece.text } } : {};
}

/** An error is a plain sentence or of OpenAI's shape. */
function sentence(error: unknown, data: string): string {
  return (typeof error === "string" && error) || parseError(data).message || "The answer could not be finished.";
}

function parse(data: string): Payload | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
