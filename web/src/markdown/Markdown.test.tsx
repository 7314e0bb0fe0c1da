// What reaches the page: elements for Markdown, and text for everything that tries to be HTML.
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "./Markdown";

const html = (text: string, streaming = false) => renderToStaticMarkup(<Markdown text={text} streaming={streaming} />);

describe("Markdown", () => {
  it("draws emphasis, lists, tables and links", () => {
    expect(html("**a** _b_ ~~c~~ `d`")).toContain("<strong>a</strong> <em>b</em> <del>c</del> <code>d</code>");
    expect(html("- a\n- b")).toContain("<ul><li>a</li><li>b</li></ul>");
    expect(html("3. a\n4. b")).toContain('<ol start="3">');
    expect(html("- [x] done\n- [ ] open")).toContain('type="checkbox"');
    expect(html("|a|b|\n|-|-:|\n|1|2|")).toContain('<td style="text-align:right">2</td>');
    expect(html("[x](https://example.org/)")).toContain('href="https://example.org/"');
  });

  it("colours known languages and escapes code", () => {
    expect(html("```js\nconst a = '<b>';\n```")).toContain('<span class="hljs-keyword">const</span>');
    expect(html("```js\n'<b>'\n```")).not.toContain("<b>");
    expect(html("```klingon\n<b>x</b>\n```")).toContain("&lt;b&gt;x&lt;/b&gt;");
  });

  it.each([
    "<script>alert(1)</script>",
    "text <img src=x onerror=alert(1)> text",
    "[x](javascript:alert(1))",
    "[x](data:text/html,hi)",
    "![x](javascript:alert(1))",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](&#106;avascript:alert(1))",
  ])("lets nothing run: %s", (text) => {
    for (const streaming of [true, false]) expect(html(text, streaming)).not.toMatch(/<(script|img|iframe)|href="(javascript|data)/i);
  });

  it("loads no picture, but links to it", () => {
    expect(html("![a cat](https://example.org/cat.png)")).toContain('<a href="https://example.org/cat.png"');
    expect(html("![a cat](https://example.org/cat.png)")).not.toContain("<img");
  });

  it("shows characters, not their references", () => expect(html("a &amp; b &lt; c &#8212; d &unknown;")).toContain("a &amp; b &lt; c — d &amp;unknown;"));

  it("finds reference links that are defined later", () => {
    expect(html("See [it][1].\n\nMore.\n\n[1]: https://example.org/")).toContain('<a href="https://example.org/"');
  });
});
