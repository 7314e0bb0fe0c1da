// Everything that can happen to the state, by name.
import type { StreamPhase } from "../api/follow";
import type { Conversation, ConversationDetail, ConversationPage, GenerationEvent, Message, Rating, Session } from "../api/types";
import type { Notice, Pending } from "./state";

export type Action =
  | { type: "session/loaded"; session: Session }
  | { type: "session/unreachable" }
  | { type: "model/chosen"; model: string }
  | { type: "list/loaded"; page: ConversationPage; append: boolean }
  | { type: "list/failed" }
  | { type: "conversation/changed"; conversation: Conversation }
  | { type: "conversation/retitled"; id: string; title: string }
  | { type: "conversation/removed"; id: string }
  | { type: "conversation/restored"; conversation: Conversation }
  | { type: "opened"; id: string | null }
  | { type: "thread/loading"; id: string }
  | { type: "thread/loaded"; detail: ConversationDetail }
  | { type: "thread/failed"; id: string; error: string }
  | { type: "send/started"; pending: Pending }
  | { type: "send/failed"; error: string }
  | { type: "send/dismissed" }
  | { type: "messages/added"; id: string; messages: Message[]; leaf: string }
  | { type: "answer/continued"; id: string; message: string; generation: string }
  | { type: "leaf/chosen"; id: string; leaf: string }
  | { type: "feedback/given"; id: string; message: string; rating: Rating | null }
  | { type: "events/received"; id: string; message: string; generation: string; events: GenerationEvent[] }
  | { type: "stream/phase"; generation: string; phase: StreamPhase }
  | { type: "stream/ended"; generation: string }
  | { type: "notice/shown"; notice: Notice }
  | { type: "notice/dismissed"; id: number };
