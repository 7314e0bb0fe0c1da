// Copies a text and says so for a moment, by its icon and its name.
import { useCopy } from "../hooks/useCopy";
import { IconButton } from "./IconButton";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { copied, copy } = useCopy();
  return <IconButton icon={copied ? "check" : "copy"} label={copied ? "Copied" : label} size={16} onClick={() => copy(text)} />;
}
