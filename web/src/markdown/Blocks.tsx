// The block level: paragraphs, headings, lists, quotes, tables, code. Each block is drawn again only when its token is another.
import { memo, type ReactNode } from "react";
import type { Token, Tokens } from "marked";
import { CodeBlock } from "./CodeBlock";
import { Inline } from "./Inline";
import { TableBlock } from "./TableBlock";

export function Blocks({ tokens }: { tokens: readonly Token[] }) {
  return tokens.map((token, index) => <Block key={index} token={token} />);
}

const Block = memo(function Block({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "paragraph":
      return (
        <p>
          <Inline tokens={(token as Tokens.Paragraph).tokens} />
        </p>
      );
    case "heading":
      return <Heading token={token as Tokens.Heading} />;
    case "list":
      return <List token={token as Tokens.List} />;
    case "code":
      return <CodeBlock code={(token as Tokens.Code).text} language={languageOf(token as Tokens.Code)} />;
    case "blockquote":
      return (
        <blockquote>
          <Blocks tokens={(token as Tokens.Blockquote).tokens} />
        </blockquote>
      );
    case "table":
      return <TableBlock token={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "space":
    case "def":
      return null;
    case "html":
      return <p>{token.raw.trim()}</p>;
    default:
      return <Inline tokens={[token]} />;
  }
});

/** The page's own title is h1 and a message is below it: an answer's headings start at h3. */
function Heading({ token }: { token: Tokens.Heading }) {
  const Level = `h${Math.min(token.depth + 2, 6)}` as "h3" | "h4" | "h5" | "h6";
  return (
    <Level>
      <Inline tokens={token.tokens} />
    </Level>
  );
}

function List({ token }: { token: Tokens.List }) {
  const items = token.items.map((item, index) => (
    <li key={index} className={item.task ? "task" : undefined}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} readOnly disabled aria-label={item.checked ? "done" : "open"} />}
      <Blocks tokens={item.tokens.filter((child) => child.type !== "checkbox")} />
    </li>
  ));
  return token.ordered ? <ol start={token.start === "" ? 1 : token.start}>{items}</ol> : <ul>{items}</ul>;
}

const languageOf = (token: Tokens.Code) => (token.lang ?? "").trim().split(/\s/)[0]!.toLowerCase();
