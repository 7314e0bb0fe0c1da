// Markdown into top-level blocks, again and again while the text grows. Blocks that can no longer change keep their identity, so
// that only the growing end is parsed and drawn anew. Knows tokens, not React.
import { lexer, type Token } from "marked";
import { mend } from "./mend";

export interface Parsed {
  source: string;
  blocks: readonly Token[];
  /** How many blocks at the front are settled, and how many characters they take. */
  settled: number;
  settledLength: number;
}

const nothing: Parsed = { source: "", blocks: [], settled: 0, settledLength: 0 };

/** Parses a whole text. */
export function parse(source: string): Parsed {
  return settle(clean(source), lexer(clean(source)));
}

/** Parses a text that is still growing, keeping what `previous` settled. Unfinished emphasis at the end is closed for now. */
export function parseGrowing(previous: Parsed | null, text: string): Parsed {
  const source = clean(text);
  const base = previous && source.startsWith(previous.source) ? previous : nothing;
  const tail = source.slice(base.settledLength);
  const kept = base.blocks.slice(0, base.settled);
  const parsed = settle(source, [...kept, ...lexer(tail)]);
  const open = parsed.blocks.at(-1);
  if (!open || open.type === "code" || open.type === "space") return parsed;
  const start = source.length - open.raw.length;
  const mended = mend(open.raw);
  if (mended === open.raw || source.slice(start) !== open.raw) return parsed;
  return { ...parsed, blocks: [...parsed.blocks.slice(0, -1), ...lexer(mended)] };
}

/** All but the last two blocks can change no more, as long as the blocks' sources add up to the text. */
function settle(source: string, blocks: Token[]): Parsed {
  const solid = blocks.flatMap((block, index) => (block.type === "space" ? [] : [index]));
  const settled = solid.at(-2) ?? 0;
  const settledLength = lengthOf(blocks.slice(0, settled));
  const adds = settledLength + lengthOf(blocks.slice(settled)) === source.length;
  return adds ? { source, blocks, settled, settledLength } : { source, blocks, settled: 0, settledLength: 0 };
}

const lengthOf = (blocks: Token[]) => blocks.reduce((sum, block) => sum + block.raw.length, 0);

/** Line ends as the parser sees them, so that its sources add up to ours. */
const clean = (text: string) => text.replace(/\r\n?/g, "\n");
