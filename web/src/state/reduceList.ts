// The list of conversations: newest activity first, each id once, none that was removed here.
import type { Conversation } from "../api/types";
import type { Action } from "./actions";
import type { ListState } from "./state";

export function reduceList(list: ListState, action: Action): ListState {
  switch (action.type) {
    case "list/loaded": {
      const { data, has_more } = action.page;
      return show({ ...list, phase: "ready", hasMore: has_more }, action.append ? [...list.items, ...data] : data);
    }
    case "list/failed":
      return { ...list, phase: list.items.length > 0 ? "ready" : "failed" };
    case "conversation/changed":
      return show(list, [action.conversation, ...list.items]);
    case "conversation/restored": {
      const { id } = action.conversation;
      return show({ ...list, removed: list.removed.filter((other) => other !== id) }, [action.conversation, ...list.items]);
    }
    case "conversation/retitled":
      return { ...list, items: list.items.map((item) => (item.id === action.id ? { ...item, title: action.title } : item)) };
    case "conversation/removed":
      return show({ ...list, removed: [...list.removed, action.id] }, list.items);
    default:
      return list;
  }
}

/** Of two with one id the first stays. */
function show(list: ListState, items: readonly Conversation[]): ListState {
  const byId = new Map<string, Conversation>();
  for (const item of items) if (!byId.has(item.id) && !list.removed.includes(item.id)) byId.set(item.id, item);
  return { ...list, items: [...byId.values()].sort((a, b) => b.updated_at - a.updated_at) };
}
