// The main column: the transcript or a new chat's greeting, then the composer and the status line.
import { useCallback, useEffect } from "react";
import { useDraft } from "../hooks/useDraft";
import { useParley, useStore } from "../hooks/useParley";
import { open } from "../state/conversations";
import { isStreaming } from "../state/generation";
import { send, stop } from "../state/messages";
import type { ThreadMessage, ThreadState } from "../state/state";
import { visiblePath } from "../state/tree";
import { Composer } from "./Composer";
import { EmptyState } from "./EmptyState";
import { StatusLine } from "./StatusLine";
import { Transcript } from "./Transcript";

export function Conversation() {
  const context = useParley();
  const id = useStore((state) => state.open);
  const thread = useStore((state) => (state.open === null ? undefined : state.threads[state.open]));
  const pending = useStore((state) => state.pending);
  const reachable = useStore((state) => state.reachable);
  const last = lastOf(thread);
  const [draft, setDraft] = useDraft(id ?? "new");
  const streaming = isStreaming(last ?? undefined);
  const stopAnswer = useCallback(() => void (last && stop(context, last)), [context, last]);
  const sendText = (text: string) => void send(context, last?.id ?? null, text);
  const blocked = !reachable || pending !== null || (id !== null && thread?.phase !== "ready");
  useEscape(streaming, stopAnswer);

  return (
    <>
      {id === null && !pending ? (
        <div className="transcript-frame"><EmptyState onPick={sendText} disabled={blocked} /></div>
      ) : (
        <ThreadView id={id} thread={thread} onTakeBack={setDraft} />
      )}
      <div className="dock">
        <Composer
          focusKey={id ?? "new"}
          text={draft}
          onText={setDraft}
          streaming={streaming}
          blocked={blocked}
          onSend={sendText}
          onStop={stopAnswer}
        />
        <StatusLine last={last} />
      </div>
    </>
  );
}

const emptyThread = { messages: {}, leaf: null };

interface ThreadViewProps {
  id: string | null;
  thread: ThreadState | undefined;
  onTakeBack: (text: string) => void;
}

function ThreadView({ id, thread, onTakeBack }: ThreadViewProps) {
  const context = useParley();
  const pending = useStore((state) => state.pending);
  if (thread?.phase === "failed") {
    return (
      <div className="transcript-frame">
        <div className="empty" role="alert">
          <p>{thread.error}</p>
          <button type="button" className="quiet-button" onClick={() => void open(context, id)}>Try again</button>
        </div>
      </div>
    );
  }
  if (thread?.phase !== "ready" && !pending) return <div className="transcript-frame" aria-busy="true" />;
  const shown = thread?.phase === "ready" ? thread : emptyThread;
  return <Transcript conversation={id ?? ""} thread={shown} pending={pending} onTakeBack={onTakeBack} />;
}

function lastOf(thread: ThreadState | undefined): ThreadMessage | null {
  return thread?.phase === "ready" ? (visiblePath(thread).at(-1) ?? null) : null;
}

/** Escape stops the answer from anywhere on the page, unless something nearer had a use for it. */
function useEscape(active: boolean, run: () => void): void {
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) run();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [active, run]);
}
