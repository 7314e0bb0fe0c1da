// Colours code. The common languages only; an unknown or missing language is shown plain, never guessed.
import hljs from "highlight.js/lib/common";

/** Beyond this many characters a block stays plain: colouring is not worth a stutter. */
const longest = 20_000;

/** HTML with every character of the code escaped, or null where the block is to be shown as it is. */
export function highlight(code: string, language: string): string | null {
  if (language === "" || code.length > longest || !hljs.getLanguage(language)) return null;
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}

/** The name a reader knows a language by. */
export function languageName(language: string): string {
  return hljs.getLanguage(language)?.name?.split(",")[0] ?? language;
}
