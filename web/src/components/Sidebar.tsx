// The left side: who this is, a new chat, the search, the list, the theme. On a phone it is a drawer over the page.
import { useEffect, useRef, useState } from "react";
import { addressOf } from "../state/address";
import { ConversationList } from "./ConversationList";
import { Icon } from "./Icon";
import { IconButton } from "./IconButton";
import { Mark } from "./Mark";
import { ThemeSwitch } from "./ThemeSwitch";

interface Props {
  /** Only meaningful where the sidebar is a drawer. */
  open: boolean;
  onClose: () => void;
}

export function Sidebar({ open, onClose }: Props) {
  const [filter, setFilter] = useState("");
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open) close.current?.focus();
  }, [open]);
  return (
    <>
      <div className={open ? "scrim is-open" : "scrim"} onClick={onClose} />
      <aside id="sidebar" className={open ? "sidebar is-open" : "sidebar"} aria-label="Sidebar">
        <div className="brand">
          <Mark />
          <span className="brand-name">Parley</span>
          <button ref={close} type="button" className="icon-button drawer-only" aria-label="Close sidebar" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        <a className="new-chat" href={addressOf(null)} onClick={onClose}>
          <Icon name="plus" />
          New chat
        </a>
        <SearchField value={filter} onChange={setFilter} />
        <ConversationList filter={filter} />
        <footer className="sidebar-foot">
          <ThemeSwitch />
        </footer>
      </aside>
    </>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <div className="search-field">
      <Icon name="search" size={16} />
      <input
        type="search"
        id="search"
        aria-label="Search conversations"
        placeholder="Search"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value !== "") {
            event.stopPropagation();
            onChange("");
          }
        }}
      />
      {value !== "" && <IconButton icon="close" label="Clear search" size={14} onClick={() => onChange("")} />}
    </div>
  );
}
