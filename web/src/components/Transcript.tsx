// The branch on display, from the first message to the last, and what is being sent.
import { useMemo } from "react";
import { useStickToBottom } from "../hooks/useStickToBottom";
import { isStreaming } from "../state/generation";
import type { Pending, Thread, ThreadMessage } from "../state/state";
import { versions, visiblePath } from "../state/tree";
import { AssistantMessage } from "./AssistantMessage";
import { Icon } from "./Icon";
import { LiveAnswer } from "./LiveAnswer";
import { PendingMessage } from "./PendingMessage";
import { UserMessage } from "./UserMessage";

interface Props {
  conversation: string;
  thread: Thread;
  pending: Pending | null;
  /** Puts what could not be sent back into the composer. */
  onTakeBack: (text: string) => void;
}

export function Transcript({ conversation, thread, pending, onTakeBack }: Props) {
  const path = useMemo(() => shownPath(thread, pending), [thread, pending]);
  const versionsOf = useMemo(() => versions(thread.messages), [thread.messages]);
  const busy = path.some(isStreaming) || pending !== null;
  const last = path.at(-1);
  const { scroller, content, atEnd, toEnd } = useStickToBottom(`${conversation} ${pending?.content ?? ""}`);
  return (
    <div className="transcript-frame">
      <div className="transcript" ref={scroller} tabIndex={0} role="region" aria-label="Messages">
        <div className="column" ref={content}>
          {path.map((message) => (
            // Versions go as one string, so that a memoised message is not drawn again for an equal list.
            <Row
              key={message.id}
              {...{ conversation, message, busy }}
              versions={versionsOf(message).join(",")}
              last={message === last && !pending}
            />
          ))}
          {pending && <PendingMessage pending={pending} onTakeBack={onTakeBack} />}
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="jump" onClick={() => toEnd(true)}>
          <Icon name="arrowDown" size={16} /> Jump to latest
        </button>
      )}
      <LiveAnswer message={last?.role === "assistant" ? last : null} />
    </div>
  );
}

/** While an edit is on its way, the branch shown ends where the edit will hang. */
function shownPath(thread: Thread, pending: Pending | null): ThreadMessage[] {
  const path = visiblePath(thread);
  if (!pending) return path;
  return path.slice(0, path.findIndex((message) => message.id === pending.parent) + 1);
}

interface RowProps {
  conversation: string;
  message: ThreadMessage;
  versions: string;
  busy: boolean;
  last: boolean;
}

function Row({ last, ...props }: RowProps) {
  return props.message.role === "user" ? <UserMessage {...props} /> : <AssistantMessage {...props} last={last} />;
}
