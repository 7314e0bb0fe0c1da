// A new chat: a greeting, and a few things to say that a small model does well.
import { Mark } from "./Mark";

const examples: { title: string; prompt: string }[] = [
  { title: "Hear a short story", prompt: "Tell me a story about a fox." },
  { title: "Find a fact", prompt: "What is the capital of France?" },
  { title: "Try a word", prompt: "What is the opposite of hot?" },
  { title: "Get to know it", prompt: "Hello! What can you do?" },
];

export function EmptyState({ onPick, disabled }: { onPick: (prompt: string) => void; disabled: boolean }) {
  return (
    <div className="empty">
      <Mark size={44} />
      <h1>What shall we talk about?</h1>
      <ul className="examples" aria-label="Examples">
        {examples.map(({ title, prompt }) => (
          <li key={title}>
            <button type="button" disabled={disabled} onClick={() => onPick(prompt)}>
              <strong>{title}</strong>
              <span>{prompt}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
