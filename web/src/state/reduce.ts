// State and action in, state out. Nothing here waits, fetches or reads a clock.
import type { Action } from "./actions";
import { reduceList } from "./reduceList";
import { reduceThreads } from "./reduceThread";
import type { State } from "./state";

export function reduce(state: State, action: Action): State {
  const list = reduceList(state.list, action);
  const threads = reduceThreads(state.threads, action);
  const rest = reduceRest(state, action);
  return list === rest.list && threads === rest.threads ? rest : { ...rest, list, threads };
}

function reduceRest(state: State, action: Action): State {
  switch (action.type) {
    case "session/loaded":
      return { ...state, session: action.session, reachable: true };
    case "session/unreachable":
      return { ...state, reachable: false };
    case "model/chosen":
      return { ...state, model: action.model };
    case "list/loaded":
      return { ...state, reachable: true };
    case "opened":
      return state.open === action.id ? state : { ...state, open: action.id, pending: null };
    case "notice/shown":
      return { ...state, notices: [...state.notices, action.notice] };
    case "notice/dismissed":
      return { ...state, notices: state.notices.filter((notice) => notice.id !== action.id) };
    default:
      return reduceStreams(reducePending(state, action), action);
  }
}

function reducePending(state: State, action: Action): State {
  switch (action.type) {
    case "send/started":
      return { ...state, pending: action.pending };
    case "send/failed":
      return state.pending ? { ...state, pending: { ...state.pending, error: action.error } } : state;
    case "send/dismissed":
      return { ...state, pending: null };
    case "messages/added":
      return action.id === state.open ? { ...state, pending: null } : state;
    default:
      return state;
  }
}

function reduceStreams(state: State, action: Action): State {
  switch (action.type) {
    case "stream/phase":
      return { ...state, streams: { ...state.streams, [action.generation]: action.phase } };
    case "stream/ended": {
      const { [action.generation]: _, ...streams } = state.streams;
      return { ...state, streams };
    }
    default:
      return state;
  }
}
