// The growing end of a text, made presentable: emphasis and code that were opened and not yet closed are closed, markers that
// have nothing behind them yet are held back. Only for display while streaming; the text itself is never changed.

export function mend(text: string): string {
  // A line of dashes below a paragraph would make it a heading for the moment until a list item or a table follows.
  let source = text.replace(/\n {0,3}(?:-{1,}|={1,}|\*|\+|\d{1,3}[.)]?|\|[-|: ]*) *$/, "");
  source = source.replace(/\[[^\]\n]*\]\([^)\n]*$/, (link) => link.slice(1, link.indexOf("]")));
  const bare = source.replace(/\\[\s\S]/g, "  ");
  const ticks = bare.match(/`+/g) ?? [];
  if (ticks.length % 2 === 1) return closeCode(source, ticks.at(-1)!);
  return closeEmphasis(source, bare.replace(/(`+)[\s\S]*?\1/g, ""));
}

function closeCode(source: string, ticks: string): string {
  if (source.endsWith(ticks)) return source.slice(0, -ticks.length);
  return source + ticks;
}

function closeEmphasis(source: string, bare: string): string {
  let result = source;
  for (const marker of ["**", "__", "~~"]) {
    if ((bare.split(marker).length - 1) % 2 === 0) continue;
    result = result.endsWith(marker) ? result.slice(0, -marker.length) : result.replace(/\s*$/, "") + marker;
  }
  const singles = bare.replace(/\*\*/g, "").replace(/^\s*\*\s/gm, "");
  if ((singles.split("*").length - 1) % 2 === 1) result = result.endsWith("*") ? result.slice(0, -1) : closeSingle(result);
  return result;
}

/** Closes one asterisk, unless it stands alone between spaces and so is not emphasis. */
function closeSingle(source: string): string {
  return /(^|\s)\*\S[^*]*$/.test(source) ? source.replace(/\s*$/, "") + "*" : source;
}
