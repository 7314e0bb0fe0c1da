// Short sentences at the edge of the page, each with at most one thing to do about it. They leave by themselves.
import { useEffect } from "react";
import { useParley, useStore } from "../hooks/useParley";
import type { Notice } from "../state/state";
import { IconButton } from "./IconButton";

const shownFor = 8_000;

export function Notices() {
  const notices = useStore((state) => state.notices);
  return (
    <div className="notices" role="region" aria-label="Notices" aria-live="polite">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeCard({ notice }: { notice: Notice }) {
  const { store } = useParley();
  const { id, text, action } = notice;
  const dismiss = () => store.dispatch({ type: "notice/dismissed", id });
  useEffect(() => {
    const timer = setTimeout(() => store.dispatch({ type: "notice/dismissed", id }), shownFor);
    return () => clearTimeout(timer);
  }, [id, store]);
  return (
    <div className="notice">
      <span>{text}</span>
      {action && (
        <button
          type="button"
          className="link-button"
          onClick={() => {
            dismiss();
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton icon="close" label="Dismiss" size={14} onClick={dismiss} />
    </div>
  );
}
