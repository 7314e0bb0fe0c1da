// A block of code with its language and a copy button. The only place where HTML is set: the highlighter's, which escapes all code.
import { memo, useMemo } from "react";
import { CopyButton } from "../components/CopyButton";
import { highlight, languageName } from "./highlight";

export const CodeBlock = memo(function CodeBlock({ code, language }: { code: string; language: string }) {
  const html = useMemo(() => highlight(code, language), [code, language]);
  return (
    <figure className="code-block">
      <figcaption>
        <span>{language === "" ? "text" : languageName(language)}</span>
        <CopyButton text={code} label="Copy code" />
      </figcaption>
      <pre tabIndex={0}>
        {html === null ? <code>{code}</code> : <code dangerouslySetInnerHTML={{ __html: html }} />}
      </pre>
    </figure>
  );
});
