// The wire shapes of /parley/v1, as the host writes them (snake_case; times in Unix seconds with fractions). The page's state keeps
// these very objects.

export type GenerationStatus = "streaming" | "completed" | "cancelled" | "interrupted" | "failed";
export type Rating = "up" | "down";

export interface ModelDescription {
  id: string;
  context_length: number;
  parameters: number;
}

export interface Session {
  project_id: string;
  user_id: string;
  models: ModelDescription[];
  default_model: string | null;
}

export interface Conversation {
  id: string;
  title: string | null;
  created_at: number;
  updated_at: number;
  model?: string | null;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
}

export interface Message {
  id: string;
  parent_id: string | null;
  role: "user" | "assistant" | "system";
  content: string;
  /** What the model thought before it answered, where its template keeps that apart. */
  reasoning?: string | null;
  created_at: number;
  generation_id?: string | null;
  status?: GenerationStatus | null;
  finish_reason?: string | null;
  model?: string | null;
  usage?: Usage | null;
  feedback?: Rating | null;
  /** One sentence for a failed answer. */
  error?: string | null;
}

export interface ConversationPage {
  data: Conversation[];
  has_more: boolean;
}

export interface ConversationDetail extends Conversation {
  messages: Message[];
  active_leaf_id: string | null;
}

export interface SendRequest {
  parent_id: string | null;
  content: string;
  model?: string;
}

export interface SendResponse {
  user_message: Message;
  assistant_message: Message;
  generation_id: string;
}

export interface RegenerateResponse {
  assistant_message: Message;
  generation_id: string;
}

export interface ContinueResponse {
  generation_id: string;
}

/** What a piece adds to the thoughts, and its UTF-16 index in all of them. */
export interface ReasoningPiece {
  offset: number;
  text: string;
}

/** One entry of a generation's log. `offset` is the UTF-16 index of `text` in the whole answer. */
export type GenerationEvent =
  | { kind: "delta"; seq: number; offset: number; text: string; reasoning?: ReasoningPiece }
  | { kind: "done"; seq: number; status: GenerationStatus; finish_reason?: string | null; usage?: Usage | null }
  | { kind: "error"; seq: number; message: string };
