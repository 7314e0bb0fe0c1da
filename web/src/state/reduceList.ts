// The list of conversations: newest activity first, each id once.
import type { Conversation } from "../api/types";
import type { Action } from "./actions";
import type { ListState } from "./state";

export function reduceList(list: ListState, action: Action): ListState {
  switch (action.type) {
    case "list/loaded": {
      const { data, has_more } = action.page;
      return { phase: "ready", items: sorted(action.append ? [...list.items, ...data] : data), hasMore: has_more };
    }
    case "list/failed":
      return { ...list, phase: list.items.length > 0 ? "ready" : "failed" };
    case "conversation/changed":
    case "conversation/restored":
      return { ...list, items: sorted([action.conversation, ...list.items]) };
    case "conversation/retitled":
      return { ...list, items: list.items.map((item) => (item.id === action.id ? { ...item, title: action.title } : item)) };
    case "conversation/removed":
      return { ...list, items: list.items.filter((item) => item.id !== action.id) };
    default:
      return list;
  }
}

/** Of two with one id the first stays. */
function sorted(items: readonly Conversation[]): Conversation[] {
  const byId = new Map<string, Conversation>();
  for (const item of items) if (!byId.has(item.id)) byId.set(item.id, item);
  return [...byId.values()].sort((a, b) => b.updated_at - a.updated_at);
}
