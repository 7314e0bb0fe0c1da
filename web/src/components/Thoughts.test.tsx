// Thoughts as they are first drawn: open while they come, folded once the answer has begun.
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { Thoughts } from "./Thoughts";

const html = (thinking: boolean) => renderToStaticMarkup(<Thoughts text="Two *and* two." thinking={thinking} />);

it("shows thoughts while they come", () => {
  expect(html(true)).toContain('aria-expanded="true"');
  expect(html(true)).toContain("Thinking…");
  expect(html(true)).toContain("<em>and</em>");
});

it("folds them once the model speaks", () => {
  expect(html(false)).toContain('aria-expanded="false"');
  expect(html(false)).toContain("Thoughts");
  expect(html(false)).not.toContain("<em>");
});
