// The page as a whole: sidebar, main column, notices; and the address, which says what is open.
import { useCallback, useEffect, useRef, useState } from "react";
import { Conversation } from "./components/Conversation";
import { Header } from "./components/Header";
import { Notices } from "./components/Notices";
import { Sidebar } from "./components/Sidebar";
import { useParley, useStore } from "./hooks/useParley";
import { readAddress } from "./state/address";
import { connect, open, refreshList } from "./state/conversations";

export function App() {
  const context = useParley();
  const { drawerOpen, drawerButton, openDrawer, closeDrawer } = useDrawer();
  useConnection();
  useOpenFromAddress(closeDrawer);
  useTitle();
  useShortcuts(context.navigate);
  return (
    <div className="app">
      <a className="skip-link" href="#composer" onClick={focusComposer}>Skip to the message field</a>
      <Sidebar open={drawerOpen} onClose={closeDrawer} />
      <main className="main" inert={drawerOpen}>
        <Header drawerOpen={drawerOpen} drawerButton={drawerButton} onDrawer={openDrawer} />
        <Conversation />
      </main>
      <Notices />
    </div>
  );
}

/** Not a jump: the address belongs to the conversation. */
function focusComposer(event: { preventDefault(): void }) {
  event.preventDefault();
  document.getElementById("composer")?.focus();
}

function useConnection(): void {
  const context = useParley();
  useEffect(() => {
    const controller = new AbortController();
    const onReturn = () => {
      if (document.visibilityState === "visible" && context.store.get().session) void refreshList(context);
    };
    void connect(context, controller.signal);
    document.addEventListener("visibilitychange", onReturn);
    return () => {
      controller.abort();
      document.removeEventListener("visibilitychange", onReturn);
    };
  }, [context]);
}

function useOpenFromAddress(onOpen: () => void): void {
  const context = useParley();
  useEffect(() => {
    const show = () => {
      onOpen();
      void open(context, readAddress());
    };
    show();
    addEventListener("hashchange", show);
    return () => removeEventListener("hashchange", show);
  }, [context, onOpen]);
}

function useTitle(): void {
  const title = useStore((state) => state.list.items.find((item) => item.id === state.open)?.title);
  useEffect(() => {
    document.title = title ? `${title} – Parley` : "Parley";
  }, [title]);
}

/** Ctrl or Command with K searches, with Shift and O starts a new chat. */
function useShortcuts(navigate: (id: string | null) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      if (key === "k" && !event.shiftKey) document.getElementById("search")?.focus();
      else if (key === "o" && event.shiftKey) navigate(null);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [navigate]);
}

/** On a phone the sidebar is a drawer: Escape closes it, and the focus goes back to the button that opened it. */
function useDrawer() {
  const [drawerOpen, setOpen] = useState(false);
  const drawerButton = useRef<HTMLSpanElement>(null);
  const openDrawer = useCallback(() => setOpen(true), []);
  const closeDrawer = useCallback(() => {
    setOpen((wasOpen) => {
      if (wasOpen) requestAnimationFrame(() => drawerButton.current?.querySelector("button")?.focus());
      return false;
    });
  }, []);
  useEffect(() => {
    if (!drawerOpen) return;
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && closeDrawer();
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [drawerOpen, closeDrawer]);
  return { drawerOpen, drawerButton, openDrawer, closeDrawer };
}
