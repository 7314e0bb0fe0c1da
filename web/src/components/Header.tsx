// Above the transcript: the drawer's button on a phone, the conversation's title, the model.
import type { RefObject } from "react";
import { useParley, useStore } from "../hooks/useParley";
import { addressOf } from "../state/address";
import { Icon } from "./Icon";
import { IconButton } from "./IconButton";

interface Props {
  drawerOpen: boolean;
  drawerButton: RefObject<HTMLSpanElement | null>;
  onDrawer: () => void;
}

export function Header({ drawerOpen, drawerButton, onDrawer }: Props) {
  const open = useStore((state) => state.open);
  const conversation = useStore((state) => state.list.items.find((item) => item.id === state.open));
  return (
    <header className="header">
      <span ref={drawerButton} className="drawer-only">
        <IconButton icon="menu" label="Open sidebar" aria-expanded={drawerOpen} aria-controls="sidebar" onClick={onDrawer} />
      </span>
      {open !== null ? <h1 className="title">{conversation?.title || "New chat"}</h1> : <span className="title" />}
      <ModelName />
      <a className="icon-button drawer-only" href={addressOf(null)} aria-label="New chat" title="New chat">
        <Icon name="plus" />
      </a>
    </header>
  );
}

/** The model that answers next: a name where there is one, a choice where there are more. */
function ModelName() {
  const { store } = useParley();
  const session = useStore((state) => state.session);
  const chosen = useStore((state) => state.model);
  if (!session || session.models.length === 0) return null;
  const current = chosen ?? session.default_model ?? session.models[0]!.id;
  const model = session.models.find(({ id }) => id === current);
  const title = model ? `${describeSize(model.parameters)} parameters, ${model.context_length.toLocaleString("en")} tokens of context` : undefined;
  if (session.models.length === 1) return <span className="model" title={title}>{current}</span>;
  return (
    <select className="model" aria-label="Model" title={title} value={current} onChange={(event) => store.dispatch({ type: "model/chosen", model: event.target.value })}>
      {session.models.map(({ id }) => (
        <option key={id}>{id}</option>
      ))}
    </select>
  );
}

function describeSize(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)} billion`;
  if (parameters >= 1e6) return `${(parameters / 1e6).toFixed(1)} million`;
  return parameters.toLocaleString("en");
}
