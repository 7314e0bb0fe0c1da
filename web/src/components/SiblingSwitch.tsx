// "2 / 3": moves between the versions of a message. Not there where there is only one.
import { useParley } from "../hooks/useParley";
import { chooseBranch } from "../state/conversations";
import type { ThreadMessage } from "../state/state";
import { IconButton } from "./IconButton";

interface Props {
  conversation: string;
  message: ThreadMessage;
  versions: readonly string[];
}

export function SiblingSwitch({ conversation, message, versions }: Props) {
  const context = useParley();
  const index = versions.indexOf(message.id);
  if (versions.length < 2) return null;
  const go = (to: number) => {
    const id = versions[to];
    if (id) void chooseBranch(context, conversation, id);
  };
  return (
    <span className="siblings" role="group" aria-label="Versions">
      <IconButton icon="left" label="Previous version" size={15} disabled={index === 0} onClick={() => go(index - 1)} />
      <span aria-label={`Version ${index + 1} of ${versions.length}`}>
        {index + 1}/{versions.length}
      </span>
      <IconButton icon="right" label="Next version" size={15} disabled={index === versions.length - 1} onClick={() => go(index + 1)} />
    </span>
  );
}
