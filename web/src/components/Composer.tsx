// Where a message is written. Enter sends, Shift+Enter breaks the line; while an answer is written the button stops it.
import { useLayoutEffect, useRef } from "react";
import { useDraft } from "../hooks/useDraft";
import { Icon } from "./Icon";

interface Props {
  /** Names the draft: each conversation has its own. */
  draftKey: string;
  streaming: boolean;
  /** True while nothing may be sent: a message is on its way, or there is no host. */
  blocked: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
}

export function Composer({ draftKey, streaming, blocked, onSend, onStop }: Props) {
  const [text, setText] = useDraft(draftKey);
  const field = useGrowingField(text, draftKey);
  const sendable = text.trim() !== "" && !streaming && !blocked;
  const submit = () => {
    if (!sendable) return;
    setText("");
    onSend(text.trim());
  };
  return (
    <form
      className="composer"
      aria-label="Message"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={field}
        id="composer"
        rows={1}
        aria-label="Message Parley"
        placeholder="Message Parley"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      {streaming ? (
        <button type="button" className="send-button is-stop" aria-label="Stop" title="Stop (Esc)" onClick={onStop}>
          <Icon name="stop" />
        </button>
      ) : (
        <button type="submit" className="send-button" aria-label="Send" title="Send (Enter)" disabled={!sendable}>
          <Icon name="arrowUp" />
        </button>
      )}
    </form>
  );
}

/** As tall as its text, up to what the style sheet allows; focused when the conversation changes, unless that would raise a keyboard. */
function useGrowingField(text: string, key: string) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);
  useLayoutEffect(() => {
    const typing = document.activeElement?.matches("input:not([type=radio])") ?? false;
    if (matchMedia("(hover: hover)").matches && !typing) field.current?.focus();
  }, [key]);
  return field;
}
