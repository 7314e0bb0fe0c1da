// Shows Markdown as React elements. No HTML from the text ever reaches the page: tags are shown as they were written.
import { memo, useRef } from "react";
import type { Token, Tokens } from "marked";
import { Blocks } from "./Blocks";
import { parse, parseGrowing, type Parsed } from "./incremental";

interface Props {
  text: string;
  /** While true the text grows at its end, and only that end is parsed again. */
  streaming: boolean;
}

export const Markdown = memo(function Markdown({ text, streaming }: Props) {
  const previous = useRef<{ parsed: Parsed; text: string; streaming: boolean } | null>(null);
  let last = previous.current;
  if (!last || last.text !== text || last.streaming !== streaming) {
    const parsed = streaming ? parseGrowing(last?.parsed ?? null, text) : parse(text);
    last = { parsed: keepIdentity(last?.parsed.blocks ?? [], parsed), text, streaming };
    previous.current = last;
  }
  return (
    <div className={streaming ? "markdown is-streaming" : "markdown"} dir="auto">
      <Blocks tokens={last.parsed.blocks} />
    </div>
  );
});

/** A block whose source did not change stays the same object, so that React leaves its elements alone. */
function keepIdentity(before: readonly Token[], parsed: Parsed): Parsed {
  const blocks = parsed.blocks.map((block, index) => {
    const old = before[index];
    return old && old.type === block.type && old.raw === block.raw && !hasReferences(block) ? old : block;
  });
  return { ...parsed, blocks };
}

/** Reference links ("[text][name]") may gain their target later although their own source stays. */
const hasReferences = (block: Token) => "tokens" in block && (block as Tokens.Generic).raw.includes("][");
