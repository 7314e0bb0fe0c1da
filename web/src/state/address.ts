// The conversation in the address ("#/c/ID"), so that back, forward, reload and bookmarks work with no help from the host.

export function readAddress(): string | null {
  const match = /^#\/c\/([^/]+)$/.exec(location.hash);
  return match ? decodeURIComponent(match[1]!) : null;
}

export const addressOf = (id: string | null): string => (id === null ? "#/" : `#/c/${encodeURIComponent(id)}`);

export function writeAddress(id: string | null): void {
  if (readAddress() !== id) location.hash = addressOf(id);
}
