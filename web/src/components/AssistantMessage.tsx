// An answer: its text as it grows, how it ended, and what can be done with it.
import { memo } from "react";
import { useParley } from "../hooks/useParley";
import { Markdown } from "../markdown/Markdown";
import { canContinue, isStreaming, isThinking } from "../state/generation";
import { continueAnswer, regenerate } from "../state/messages";
import type { ThreadMessage } from "../state/state";
import { AnswerActions } from "./AnswerActions";
import { Icon } from "./Icon";
import { SiblingSwitch } from "./SiblingSwitch";
import { Thoughts } from "./Thoughts";

interface Props {
  conversation: string;
  message: ThreadMessage;
  versions: string;
  /** True while any answer of the branch is being written. */
  busy: boolean;
  last: boolean;
}

export const AssistantMessage = memo(function AssistantMessage({ conversation, message, versions, busy, last }: Props) {
  const streaming = isStreaming(message);
  return (
    <article
      className={last ? "message is-assistant is-last" : "message is-assistant"}
      aria-label="Parley answered"
      aria-busy={streaming}
      data-message={message.id}
      data-status={message.status ?? "completed"}
    >
      {message.reasoning && <Thoughts text={message.reasoning} thinking={isThinking(message)} />}
      {streaming && message.content === "" ? !message.reasoning && <Waiting /> : <Markdown text={message.content} streaming={streaming} />}
      {!streaming && <Ending conversation={conversation} message={message} busy={busy} />}
      {!streaming && (
        <div className="message-actions">
          <SiblingSwitch conversation={conversation} message={message} versions={versions.split(",")} />
          <AnswerActions conversation={conversation} message={message} busy={busy} />
        </div>
      )}
    </article>
  );
});

function Waiting() {
  return (
    <p className="thinking">
      <span className="visually-hidden">Parley is thinking</span>
      <i /><i /><i />
    </p>
  );
}

const endings: Record<string, string> = {
  cancelled: "You stopped this answer.",
  interrupted: "This answer was interrupted.",
  length: "This answer reached its length limit.",
};

/** One calm sentence about an answer that did not simply end, with what can be done about it. */
function Ending({ conversation, message, busy }: { conversation: string; message: ThreadMessage; busy: boolean }) {
  const context = useParley();
  if (message.status === "failed") {
    return (
      <p className="ending is-failed" role="alert">
        <span>{message.failure ?? message.error ?? "This answer could not be finished."}</span>
        <button type="button" className="quiet-button" disabled={busy} onClick={() => void regenerate(context, conversation, message.id)}>
          <Icon name="retry" size={15} /> Try again
        </button>
      </p>
    );
  }
  const ending = endings[message.status ?? ""] ?? endings[message.finish_reason ?? ""];
  if (!ending) return null;
  return (
    <p className="ending">
      <span>{ending}</span>
      {canContinue(message) && (
        <button type="button" className="quiet-button" disabled={busy} onClick={() => void continueAnswer(context, conversation, message)}>
          <Icon name="forward" size={15} /> Continue
        </button>
      )}
    </p>
  );
}
