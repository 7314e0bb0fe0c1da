// Who moved: the reader, or the text.
import { describe, expect, it } from "vitest";
import { followsEnd } from "./useStickToBottom";

describe("followsEnd", () => {
  it("lets go when the reader goes up, even within sight of the end", () => {
    expect(followsEnd(true, 1000, { top: 880, below: 120 })).toBe(false);
    expect(followsEnd(true, 1000, { top: 990, below: 10 })).toBe(false);
  });

  it("holds on while the text grows", () => {
    expect(followsEnd(true, 1000, { top: 1000, below: 300 })).toBe(true);
  });

  it("does not pull a reader back when the text becomes shorter", () => {
    expect(followsEnd(false, 940, { top: 940, below: 30 })).toBe(false);
    expect(followsEnd(false, 940, { top: 930, below: 0 })).toBe(false);
  });

  it("holds on when a shorter text moves the end up", () => {
    expect(followsEnd(true, 1000, { top: 970, below: 0.5 })).toBe(true);
  });

  it("takes hold when the reader comes back to near the end", () => {
    expect(followsEnd(false, 900, { top: 960, below: 40 })).toBe(true);
    expect(followsEnd(false, 900, { top: 930, below: 70 })).toBe(false);
  });
});
