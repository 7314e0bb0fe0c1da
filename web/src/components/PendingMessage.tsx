// A message on its way to the host, or one that did not get there and can be sent again.
import { useParley } from "../hooks/useParley";
import { resend } from "../state/messages";
import type { Pending } from "../state/state";
import { Icon } from "./Icon";

export function PendingMessage({ pending }: { pending: Pending }) {
  const context = useParley();
  return (
    <article className="message is-user is-pending" aria-label="You said">
      <div className="bubble" dir="auto">{pending.content}</div>
      {pending.error !== undefined && (
        <p className="ending is-failed" role="alert">
          <span>{pending.error}</span>
          <button type="button" className="quiet-button" onClick={() => void resend(context)}>
            <Icon name="retry" size={15} /> Try again
          </button>
          <button type="button" className="quiet-button" onClick={() => context.store.dispatch({ type: "send/dismissed" })}>
            Discard
          </button>
        </p>
      )}
    </article>
  );
}
