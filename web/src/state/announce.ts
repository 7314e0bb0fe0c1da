// Which part of a growing answer a screen reader should be told next: whole sentences, so that it never reads half a word.

/** @returns the text to announce and up to where it reaches; empty while no further sentence is complete. */
export function nextAnnouncement(text: string, from: number, finished: boolean): { text: string; upTo: number } {
  const start = Math.min(from, text.length);
  const rest = text.slice(start);
  if (finished) return { text: plain(rest), upTo: text.length };
  const ends = [...rest.matchAll(/[.!?…:](?=\s)|\n/g)];
  const last = ends.at(-1);
  if (!last) return { text: "", upTo: start };
  const length = last.index + last[0].length;
  return { text: plain(rest.slice(0, length)), upTo: start + length };
}

/** Without the marks of Markdown, which are noise when read aloud. */
function plain(text: string): string {
  return text
    .replace(/```\w*/g, " code: ")
    .replace(/[*_`#>|]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
