// Tells screen readers the running answer, sentence by sentence, in a polite live region. Invisible to everybody else.
import { useEffect, useRef, useState } from "react";
import { nextAnnouncement } from "../state/announce";
import { isStreaming } from "../state/generation";
import type { ThreadMessage } from "../state/state";

export function LiveAnswer({ message }: { message: ThreadMessage | null }) {
  const [said, setSaid] = useState("");
  const position = useRef<{ id: string | null; upTo: number; live: boolean }>({ id: null, upTo: 0, live: false });

  useEffect(() => {
    const at = position.current;
    if (message?.id !== at.id) {
      // A conversation that is opened is not read out; only what arrives from now on is.
      position.current = { id: message?.id ?? null, upTo: message?.content.length ?? 0, live: isStreaming(message ?? undefined) };
      setSaid(isStreaming(message ?? undefined) ? "Parley is answering." : "");
      return;
    }
    if (!message || (!at.live && !isStreaming(message))) return;
    const { text, upTo } = nextAnnouncement(message.content, at.upTo, !isStreaming(message));
    position.current = { id: at.id, upTo, live: isStreaming(message) };
    if (text !== "") setSaid(text);
  }, [message]);

  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="live-answer">
      {said}
    </div>
  );
}
