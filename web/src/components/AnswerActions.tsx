// Below an answer: copy, a thumb up or down, another try, and the small print of which model said it with how many tokens.
import { useParley } from "../hooks/useParley";
import { rate, regenerate } from "../state/messages";
import type { ThreadMessage } from "../state/state";
import { CopyButton } from "./CopyButton";
import { IconButton } from "./IconButton";

interface Props {
  conversation: string;
  message: ThreadMessage;
  busy: boolean;
}

export function AnswerActions({ conversation, message, busy }: Props) {
  const context = useParley();
  const thumb = (rating: "up" | "down") => (
    <IconButton
      icon={rating}
      label={rating === "up" ? "Good answer" : "Bad answer"}
      size={16}
      aria-pressed={message.feedback === rating}
      onClick={() => void rate(context, conversation, message, message.feedback === rating ? null : rating)}
    />
  );
  return (
    <>
      {message.content !== "" && <CopyButton text={message.content} label="Copy answer" />}
      {thumb("up")}
      {thumb("down")}
      <IconButton icon="retry" label="Regenerate" size={16} disabled={busy} onClick={() => void regenerate(context, conversation, message.id)} />
      <SmallPrint message={message} />
    </>
  );
}

function SmallPrint({ message: { model, usage } }: { message: ThreadMessage }) {
  const tokens = usage ? `${usage.completion_tokens.toLocaleString("en")} tokens` : null;
  const title = usage ? `${usage.prompt_tokens} tokens read, ${usage.completion_tokens} written` : undefined;
  const parts = [model, tokens].filter(Boolean);
  if (parts.length === 0) return null;
  return <span className="small-print" title={title}>{parts.join(" · ")}</span>;
}
