// The field in which an earlier message is changed. Enter sends, Escape leaves everything as it was.
import { useLayoutEffect, useRef, useState } from "react";

export function MessageEditor({ text, onFinish }: { text: string; onFinish: (text: string | null) => void }) {
  const [value, setValue] = useState(text);
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(text.length, text.length);
  }, [text]);
  const submit = () => {
    if (value.trim() !== "") onFinish(value.trim());
  };
  return (
    <form
      className="message-editor"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onFinish(null);
      }}
    >
      <textarea
        ref={field}
        aria-label="Edit message"
        value={value}
        rows={Math.min(12, value.split("\n").length + 1)}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      <div className="message-editor-foot">
        <span>The earlier version is kept.</span>
        <button type="button" className="quiet-button" onClick={() => onFinish(null)}>Cancel</button>
        <button type="submit" className="solid-button" disabled={value.trim() === ""}>Send</button>
      </div>
    </form>
  );
}
