// A new chat: a greeting, and a few things to say that a small model does well.
import { Mark } from "./Mark";

const examples: { title: string; prompt: string }[] = [
  { title: "Tell a short story", prompt: "Tell me a short story about a lighthouse keeper and a fox." },
  { title: "Explain something simply", prompt: "Explain in two sentences why the sky is blue." },
  { title: "Do a small sum", prompt: "What is 17 plus 25?" },
  { title: "Find the right words", prompt: "Write a friendly note to thank a neighbour for their help." },
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
