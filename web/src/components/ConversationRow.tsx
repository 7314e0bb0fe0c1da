// One conversation in the list: a link, and its two actions. Renaming happens in place.
import { memo, useRef, useState } from "react";
import type { Conversation } from "../api/types";
import { useParley } from "../hooks/useParley";
import { addressOf } from "../state/address";
import { remove, rename } from "../state/conversations";
import { IconButton } from "./IconButton";

interface Props {
  conversation: Conversation;
  current: boolean;
}

export const ConversationRow = memo(function ConversationRow({ conversation, current }: Props) {
  const context = useParley();
  const [editing, setEditing] = useState(false);
  const link = useRef<HTMLAnchorElement>(null);
  const title = conversation.title || "New chat";
  const finish = (text: string | null) => {
    setEditing(false);
    if (text !== null) void rename(context, conversation.id, text.trim());
    requestAnimationFrame(() => link.current?.focus());
  };
  if (editing) {
    return (
      <li className="conversation is-editing">
        <TitleField title={title} onFinish={finish} />
      </li>
    );
  }
  return (
    <li className={current ? "conversation is-current" : "conversation"}>
      <a ref={link} href={addressOf(conversation.id)} aria-current={current ? "page" : undefined} title={title}>
        {title}
      </a>
      <span className="conversation-actions">
        <IconButton icon="pencil" label={`Rename “${title}”`} size={15} onClick={() => setEditing(true)} />
        <IconButton icon="trash" label={`Delete “${title}”`} size={15} onClick={() => remove(context, conversation.id)} />
      </span>
    </li>
  );
});

/** Enter or leaving the field keeps the new title, Escape the old one. */
function TitleField({ title, onFinish }: { title: string; onFinish: (text: string | null) => void }) {
  const done = useRef(false);
  const finish = (text: string | null) => {
    if (done.current) return;
    done.current = true;
    onFinish(text);
  };
  return (
    <input
      className="title-field"
      aria-label="Title"
      defaultValue={title}
      maxLength={200}
      autoFocus
      onFocus={(event) => event.target.select()}
      onBlur={(event) => finish(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.stopPropagation();
        if (event.key === "Enter") finish(event.currentTarget.value);
        if (event.key === "Escape") finish(null);
      }}
    />
  );
}
