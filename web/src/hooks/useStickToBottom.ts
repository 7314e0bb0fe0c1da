// Keeps the end of a growing text in view until the reader scrolls up; from then on stays where the reader is.
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

/** A reader who scrolls down to within this many pixels of the end is back at it. */
const near = 56;

/** Where a scroller is, in pixels. */
export interface ScrollPosition {
  top: number;
  /** From the lower edge of what is seen to the end of the text. */
  below: number;
}

/**
 * Whether the end is followed from now on. Only the reader's own way decides: upwards lets go, be it by a few pixels, down to near the end takes hold.
 * Text that grows, or shrinks as an unfinished link becomes a whole one, also changes what is below, and must neither let go nor pull the reader back.
 */
export function followsEnd(followed: boolean, before: number, { top, below }: ScrollPosition): boolean {
  if (top < before) return followed && below <= 1; // at the end, only a shorter text can have moved it up
  return followed || (top > before && below < near);
}

export interface StickToBottom {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** False while the reader is away from the end. */
  atEnd: boolean;
  toEnd: (smooth?: boolean) => void;
}

/** @param resetKey A new value (another conversation) goes to the end again. */
export function useStickToBottom(resetKey: unknown): StickToBottom {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticking = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback((smooth = false) => {
    const element = scroller.current;
    if (!element) return;
    sticking.current = true;
    setAtEnd(true);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollTo({ top: element.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  }, []);

  useLayoutEffect(() => toEnd(), [resetKey, toEnd]);
  useEffect(() => watch(scroller.current, content.current, sticking, setAtEnd), []);
  return { scroller, content, atEnd, toEnd };
}

function watch(
  element: HTMLElement | null,
  content: HTMLElement | null,
  sticking: { current: boolean },
  setAtEnd: (atEnd: boolean) => void,
): (() => void) | undefined {
  if (!element || !content) return undefined;
  let last = element.scrollTop;
  const onScroll = () => {
    const top = element.scrollTop;
    const below = element.scrollHeight - top - element.clientHeight;
    sticking.current = followsEnd(sticking.current, last, { top, below });
    last = top;
    setAtEnd(sticking.current || below <= 1);
  };
  const follow = () => {
    if (!sticking.current) return onScroll();
    element.scrollTop = element.scrollHeight;
    last = element.scrollTop; // so that a shorter text, which moves it up, is not taken for the reader
  };
  const observer = new ResizeObserver(follow);
  observer.observe(content);
  observer.observe(element);
  element.addEventListener("scroll", onScroll, { passive: true });
  return () => {
    observer.disconnect();
    element.removeEventListener("scroll", onScroll);
  };
}
