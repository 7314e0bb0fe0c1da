// Keeps the end of a growing text in view until the reader scrolls up; from then on stays where the reader is.
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

/** Within this many pixels of the end a reader counts as being at the end. */
const near = 56;

export interface StickToBottom {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** False once the reader has scrolled away from the end. */
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
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < near;
    // Only a movement upwards lets go; growth alone also changes the distance to the end.
    if (atEnd) sticking.current = true;
    else if (element.scrollTop < last) sticking.current = false;
    last = element.scrollTop;
    setAtEnd(sticking.current);
  };
  const follow = () => {
    if (sticking.current) element.scrollTop = element.scrollHeight;
    else onScroll();
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
