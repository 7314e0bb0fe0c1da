// Where a message is written. Enter sends, Shift+Enter breaks the line; while an answer is written the button stops it.
import { useLayoutEffect, useRef } from "react";
import { Icon } from "./Icon";

interface Props {
  /** A new value (another conversation) takes the focus again. */
  focusKey: string;
  text: string;
  onText: (text: string) => void;
  streaming: boolean;
  /** True while nothing may be sent: a message is on its way, or there is no host. */
  blocked: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
}

export function Composer({ focusKey, text, onText, streaming, blocked, onSend, onStop }: Props) {
  const field = useGrowingField(text, focusKey);
  const sendable = text.trim() !== "" && !streaming && !blocked;
  const submit = () => {
    if (!sendable) return;
    onText("");
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
        onChange={(event) => onText(event.target.value)}
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
