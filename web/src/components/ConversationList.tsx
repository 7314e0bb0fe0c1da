// The conversations by day, filtered by what is typed in the search field.
import { useMemo } from "react";
import { useParley, useStore } from "../hooks/useParley";
import { loadMore, refreshList } from "../state/conversations";
import { groupByDay } from "../state/days";
import { ConversationRow } from "./ConversationRow";

export function ConversationList({ filter }: { filter: string }) {
  const list = useStore((state) => state.list);
  const open = useStore((state) => state.open);
  const context = useParley();
  const groups = useMemo(() => {
    const words = filter.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const matches = (title: string) => words.every((word) => title.toLocaleLowerCase().includes(word));
    return groupByDay(list.items.filter((item) => matches(item.title || "New chat")), new Date());
  }, [list.items, filter]);

  return (
    <nav className="conversations" aria-label="Conversations">
      {groups.map(({ label, items }) => (
        <section key={label} aria-label={label}>
          <h2>{label}</h2>
          <ul>
            {items.map((item) => (
              <ConversationRow key={item.id} conversation={item} current={item.id === open} />
            ))}
          </ul>
        </section>
      ))}
      {groups.length === 0 && <Nothing phase={list.phase} filtered={filter.trim() !== ""} onRetry={() => void refreshList(context)} />}
      {list.hasMore && filter.trim() === "" && (
        <button type="button" className="quiet-button" onClick={() => void loadMore(context)}>
          Show older
        </button>
      )}
    </nav>
  );
}

function Nothing({ phase, filtered, onRetry }: { phase: "loading" | "ready" | "failed"; filtered: boolean; onRetry: () => void }) {
  if (phase === "loading") return null;
  if (phase === "failed") {
    return (
      <p className="list-note">
        The list could not be loaded.{" "}
        <button type="button" className="link-button" onClick={onRetry}>
          Try again
        </button>
      </p>
    );
  }
  return <p className="list-note">{filtered ? "No title matches." : "Conversations you start will be kept here."}</p>;
}
