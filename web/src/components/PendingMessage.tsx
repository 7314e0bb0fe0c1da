// A message on its way to the host, or one that did not get there: it can be sent again, or taken back and changed.
import { useParley } from "../hooks/useParley";
import { resend } from "../state/messages";
import type { Pending } from "../state/state";
import { Icon } from "./Icon";

export function PendingMessage({ pending, onTakeBack }: { pending: Pending; onTakeBack: (text: string) => void }) {
  const context = useParley();
  const takeBack = () => {
    onTakeBack(pending.content);
    context.store.dispatch({ type: "send/dismissed" });
    document.getElementById("composer")?.focus();
  };
  return (
    <article className="message is-user is-pending" aria-label="You said">
      <div className="bubble" dir="auto">{pending.content}</div>
      {pending.error !== undefined && (
        <p className="ending is-failed" role="alert">
          <span>{pending.error}</span>
          <button type="button" className="quiet-button" onClick={() => void resend(context)}>
            <Icon name="retry" size={15} /> Try again
          </button>
          <button type="button" className="quiet-button" onClick={takeBack}>
            Take back
          </button>
        </p>
      )}
    </article>
  );
}
