// Holds the state, applies actions, tells listeners. The only mutable thing in src/state.
import type { Action } from "./actions";
import { reduce } from "./reduce";
import { initialState, type State } from "./state";

export interface Store {
  get(): State;
  dispatch(action: Action): void;
  subscribe(listener: () => void): () => void;
}

export function createStore(from: State = initialState): Store {
  let state = from;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      const after = reduce(state, action);
      if (after === state) return;
      state = after;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
