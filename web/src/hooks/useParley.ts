// How components reach the store and the effects' context.
import { createContext, useContext, useSyncExternalStore } from "react";
import type { Context } from "../state/effects";
import type { State } from "../state/state";

export const ParleyContext = createContext<Context | null>(null);

export function useParley(): Context {
  const context = useContext(ParleyContext);
  if (!context) throw new Error("useParley needs a ParleyContext above it.");
  return context;
}

/** A part of the state; draws again only when that part is another. The selector must return something that is in the state. */
export function useStore<T>(select: (state: State) => T): T {
  const { store } = useParley();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
