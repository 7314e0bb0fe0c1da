// What the model thought before it answered: open while it thinks, folded once it speaks. What a person chose stands.
import { useId, useState } from "react";
import { Markdown } from "../markdown/Markdown";
import { Icon } from "./Icon";

export function Thoughts({ text, thinking }: { text: string; thinking: boolean }) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const id = useId();
  const open = chosen ?? thinking;
  return (
    <section className="thoughts" aria-label="Thoughts">
      <button type="button" className="thoughts-toggle" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setChosen(!open)}>
        <Icon name="right" size={14} />
        {thinking ? "Thinking…" : "Thoughts"}
      </button>
      {open && (
        <div id={id} className="thoughts-text">
          <Markdown text={text} streaming={thinking} />
        </div>
      )}
    </section>
  );
}
