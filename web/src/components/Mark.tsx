// Parley's mark: a P that is also a speech bubble, and the point someone else adds to it.

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect className="mark-ground" width="32" height="32" rx="9" />
      <path className="mark-letter" d="M9 24V11.5A3.5 3.5 0 0 1 12.5 8H17a6 6 0 0 1 0 12h-3.2Z" />
      <circle className="mark-point" cx="22.5" cy="22.5" r="2.5" />
    </svg>
  );
}
