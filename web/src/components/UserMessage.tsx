// What the person said, exactly as typed. Editing it sends the new text as a sibling; the old branch stays.
import { memo, useRef, useState } from "react";
import { useParley } from "../hooks/useParley";
import { send } from "../state/messages";
import type { ThreadMessage } from "../state/state";
import { CopyButton } from "./CopyButton";
import { IconButton } from "./IconButton";
import { MessageEditor } from "./MessageEditor";
import { SiblingSwitch } from "./SiblingSwitch";

interface Props {
  conversation: string;
  message: ThreadMessage;
  versions: string;
  /** True while an answer is being written: an edit has to wait. */
  busy: boolean;
}

export const UserMessage = memo(function UserMessage({ conversation, message, versions, busy }: Props) {
  const context = useParley();
  const [editing, setEditing] = useState(false);
  const edit = useRef<HTMLSpanElement>(null);
  const finish = (text: string | null) => {
    setEditing(false);
    if (text !== null) void send(context, message.parent_id, text);
    else requestAnimationFrame(() => edit.current?.querySelector("button")?.focus());
  };
  return (
    <article className="message is-user" aria-label="You said" data-message={message.id}>
      {editing ? (
        <MessageEditor text={message.content} onFinish={finish} />
      ) : (
        <>
          <div className="bubble" dir="auto">{message.content}</div>
          <div className="message-actions">
            <SiblingSwitch conversation={conversation} message={message} versions={versions.split(",")} />
            <CopyButton text={message.content} label="Copy message" />
            <span ref={edit}>
              <IconButton icon="pencil" label="Edit message" size={16} disabled={busy} onClick={() => setEditing(true)} />
            </span>
          </div>
        </>
      )}
    </article>
  );
});
