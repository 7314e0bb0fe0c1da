// What was typed and not sent, per conversation: it survives switching away and reloading, in this tab only.
import { useState } from "react";

export function useDraft(key: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState({ key, text: read(key) });
  const current = draft.key === key ? draft : { key, text: read(key) };
  if (current !== draft) setDraft(current);
  const change = (text: string) => {
    setDraft({ key, text });
    write(key, text);
  };
  return [current.text, change];
}

const name = (key: string) => `parley.draft.${key}`;

function read(key: string): string {
  try {
    return sessionStorage.getItem(name(key)) ?? "";
  } catch {
    return "";
  }
}

function write(key: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(name(key));
    else sessionStorage.setItem(name(key), text);
  } catch {
    // Without storage a draft lasts as long as the page.
  }
}
