// Conversations that are deleted but can still be brought back. Kept in this tab's storage, so that a reload in between does not
// forget to delete them.

const key = "parley.deleting";

export function pendingDeletions(): string[] {
  try {
    const ids: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export const rememberDeletion = (id: string): void => write([...pendingDeletions(), id]);

export const forgetDeletion = (id: string): void => write(pendingDeletions().filter((other) => other !== id));

function write(ids: string[]): void {
  try {
    if (ids.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(ids));
  } catch {
    // Without storage, leaving the page deletes at once (pagehide).
  }
}
