// Which addresses a model's answer may link to. Anything that could run or reach into the page is no link at all.

const allowed = new Set(["http:", "https:", "mailto:"]);

/** The address when it is one a reader may follow, otherwise null. */
export function safeAddress(href: string): string | null {
  try {
    const url = new URL(href);
    return allowed.has(url.protocol) ? url.href : null;
  } catch {
    return null; // relative addresses would point into this page
  }
}
