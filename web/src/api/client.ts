// The routes of /parley/v1 as typed calls. Throws ApiError when the host refuses, TypeError when it cannot be reached.
import { readError } from "./errors";
import type {
  ContinueResponse,
  Conversation,
  ConversationDetail,
  ConversationPage,
  Rating,
  RegenerateResponse,
  SendRequest,
  SendResponse,
  Session,
} from "./types";

const root = "/parley/v1";

async function call<T>(method: string, path: string, body?: unknown, keepalive = false): Promise<T> {
  const init: RequestInit = { method, keepalive };
  if (body !== undefined) {
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const response = await fetch(root + path, init);
  if (!response.ok) throw await readError(response);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

const at = (id: string) => `/conversations/${encodeURIComponent(id)}`;
const generation = (id: string) => `/generations/${encodeURIComponent(id)}`;

export const client = {
  session: () => call<Session>("GET", "/session"),

  conversations: (limit: number, after?: string) =>
    call<ConversationPage>("GET", `/conversations?limit=${limit}${after ? `&after=${encodeURIComponent(after)}` : ""}`),
  conversation: (id: string) => call<ConversationDetail>("GET", at(id)),
  createConversation: (model?: string) => call<Conversation>("POST", "/conversations", model ? { model } : {}),
  patchConversation: (id: string, change: { title?: string; active_leaf_id?: string }) =>
    call<Conversation>("PATCH", at(id), change),
  /** `leaving` keeps the request alive while the page unloads. */
  deleteConversation: (id: string, leaving = false) => call<void>("DELETE", at(id), undefined, leaving),

  send: (id: string, request: SendRequest) => call<SendResponse>("POST", `${at(id)}/messages`, request),
  regenerate: (id: string, messageId: string, model?: string) =>
    call<RegenerateResponse>("POST", `${at(id)}/messages/${encodeURIComponent(messageId)}/regenerate`, model ? { model } : {}),
  feedback: (id: string, messageId: string, rating: Rating | null) =>
    call<void>("POST", `${at(id)}/messages/${encodeURIComponent(messageId)}/feedback`, { rating }),

  stop: (id: string) => call<void>("POST", `${generation(id)}/stop`),
  continue: (id: string) => call<ContinueResponse>("POST", `${generation(id)}/continue`),

  /** Opens a generation's log after a sequence number. The caller reads the body and aborts by the signal. */
  async events(id: string, after: number, signal: AbortSignal): Promise<Response> {
    const headers = { accept: "text/event-stream", "last-event-id": String(after) };
    const response = await fetch(`${root}${generation(id)}/events?after=${after}`, { headers, signal, cache: "no-store" });
    if (!response.ok) throw await readError(response);
    return response;
  },
};

export type Client = typeof client;
