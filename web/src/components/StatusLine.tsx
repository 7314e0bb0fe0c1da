// One honest line below the composer: how the connection does, else who is talking.
import { useStore } from "../hooks/useParley";
import { isStreaming } from "../state/generation";
import type { ThreadMessage } from "../state/state";

export function StatusLine({ last }: { last: ThreadMessage | null }) {
  const session = useStore((state) => state.session);
  const reachable = useStore((state) => state.reachable);
  const phase = useStore((state) => (last?.generation_id ? state.streams[last.generation_id] : undefined));
  const model = useStore((state) => state.model) ?? session?.default_model;
  const status = describe();
  return (
    <p className={status.calm ? "status-line" : "status-line is-troubled"} role="status" data-phase={phase ?? ""}>
      {!status.calm && <i className="status-dot" />}
      {status.text}
    </p>
  );

  function describe(): { text: string; calm: boolean } {
    if (!session) return reachable ? { text: "Connecting …", calm: true } : { text: "Parley cannot be reached. Trying again …", calm: false };
    if (phase === "reconnecting") return { text: "The connection dropped. Reconnecting …", calm: false };
    if (isStreaming(last ?? undefined)) return { text: phase === "live" ? "Answering … Esc stops." : "Connecting to the answer …", calm: true };
    if (session.models.length === 0) return { text: "No model is loaded yet.", calm: false };
    return { text: `${model ?? "The model"}${isLocal() ? " runs on this machine and" : ""} can be wrong.`, calm: true };
  }
}

/** Only then is it known where the model runs. */
const isLocal = () => /^(localhost|127\.|\[::1\])/.test(location.hostname);
