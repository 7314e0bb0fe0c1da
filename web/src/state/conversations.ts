// Effects on conversations: list, open, rename, delete with undo, switch branch.
import { describeError } from "../api/errors";
import type { ConversationDetail } from "../api/types";
import { forgetDeletion, pendingDeletions, rememberDeletion } from "./deletions";
import { attempt, notify, type Context } from "./effects";
import { followThread } from "./following";
import { newestLeaf } from "./tree";

const pageSize = 50;

/** Asks who we are and what there is to talk with, until the host answers. */
export async function connect(context: Context, signal: AbortSignal): Promise<void> {
  for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, 8_000)) {
    try {
      context.store.dispatch({ type: "session/loaded", session: await context.api.session() });
      await finishDeletions(context);
      await refreshList(context);
      return;
    } catch {
      context.store.dispatch({ type: "session/unreachable" });
      await context.wait(wait, signal);
    }
  }
}

/** Deletes what was to be deleted when the page was left. One that is gone already is what was wanted. */
async function finishDeletions({ api }: Context): Promise<void> {
  for (const id of pendingDeletions()) {
    await api.deleteConversation(id).catch(() => undefined);
    forgetDeletion(id);
  }
}

export async function refreshList({ api, store }: Context): Promise<void> {
  try {
    store.dispatch({ type: "list/loaded", page: await api.conversations(pageSize), append: false });
  } catch {
    store.dispatch({ type: "list/failed" });
  }
}

export async function loadMore(context: Context): Promise<void> {
  const last = context.store.get().list.items.at(-1);
  if (!last) return;
  await attempt(context, async () => {
    const page = await context.api.conversations(pageSize, last.id);
    context.store.dispatch({ type: "list/loaded", page, append: true });
  });
}

/** Shows a conversation: at once where it is known, and as the host has it as soon as that arrives. */
export async function open(context: Context, id: string | null): Promise<void> {
  const { api, store } = context;
  store.dispatch({ type: "opened", id });
  if (id === null) return;
  store.dispatch({ type: "thread/loading", id });
  try {
    show(context, await api.conversation(id));
  } catch (error) {
    store.dispatch({ type: "thread/failed", id, error: describeError(error) });
  }
}

function show(context: Context, detail: ConversationDetail): void {
  context.store.dispatch({ type: "thread/loaded", detail });
  const thread = context.store.get().threads[detail.id];
  if (thread?.phase === "ready") followThread(context, detail.id, thread);
}

export async function rename(context: Context, id: string, title: string): Promise<void> {
  const before = context.store.get().list.items.find((item) => item.id === id)?.title ?? "";
  if (title.trim() === "" || title === before) return;
  context.store.dispatch({ type: "conversation/retitled", id, title });
  await attempt(context, async () => {
    await context.api.patchConversation(id, { title });
  });
}

export async function chooseBranch(context: Context, id: string, message: string): Promise<void> {
  const thread = context.store.get().threads[id];
  if (thread?.phase !== "ready") return;
  const leaf = newestLeaf(thread.messages, message) ?? message;
  context.store.dispatch({ type: "leaf/chosen", id, leaf });
  // Which branch is shown is a convenience; a failure to store it is not worth a sentence.
  await context.api.patchConversation(id, { active_leaf_id: leaf }).catch(() => undefined);
}

const undoTime = 7_000;

/** Takes a conversation off the list now and deletes it when the time to undo has passed, or when the page is left. */
export function remove(context: Context, id: string): void {
  const { api, store, navigate } = context;
  const conversation = store.get().list.items.find((item) => item.id === id);
  if (!conversation) return;
  const commit = (leaving: boolean) => {
    settle();
    void attempt(context, async () => {
      await api.deleteConversation(id, leaving);
      forgetDeletion(id);
    });
  };
  const onLeave = () => commit(true);
  const settle = () => {
    clearTimeout(timer);
    removeEventListener("pagehide", onLeave);
    store.dispatch({ type: "notice/dismissed", id: notice });
  };
  const undo = () => {
    settle();
    forgetDeletion(id);
    store.dispatch({ type: "conversation/restored", conversation });
    if (shown) navigate(id);
  };
  const shown = store.get().open === id;
  rememberDeletion(id);
  const timer = setTimeout(() => commit(false), undoTime);
  addEventListener("pagehide", onLeave);
  const notice = notify(context, `Deleted “${conversation.title || "New chat"}”.`, { label: "Undo", run: undo });
  if (shown) navigate(null);
  store.dispatch({ type: "conversation/removed", id });
}
