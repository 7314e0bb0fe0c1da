// Effects on messages: send, edit into a branch, regenerate, stop, continue, rate.
import { describeError } from "../api/errors";
import type { Rating } from "../api/types";
import { attempt, type Context } from "./effects";
import { followAnswer } from "./following";
import type { Pending, ThreadMessage } from "./state";

/** Sends after a message; with the parent of an older message, that is an edit, and branches there. */
export async function send(context: Context, parent: string | null, content: string): Promise<void> {
  await deliver(context, { conversation: context.store.get().open, parent, content });
}

/** Sends again what could not be sent. */
export async function resend(context: Context): Promise<void> {
  const { pending } = context.store.get();
  if (!pending) return;
  const { error: _, ...again } = pending;
  await deliver(context, again);
}

async function deliver(context: Context, pending: Pending): Promise<void> {
  const { api, store } = context;
  const { model } = store.get();
  store.dispatch({ type: "send/started", pending });
  try {
    const id = pending.conversation ?? (await start(context));
    const sent = await api.send(id, { parent_id: pending.parent, content: pending.content, ...(model ? { model } : {}) });
    const { user_message, assistant_message, generation_id } = sent;
    store.dispatch({ type: "messages/added", id, messages: [user_message, assistant_message], leaf: assistant_message.id });
    followAnswer(context, id, assistant_message.id, generation_id);
    await touch(context, id);
  } catch (error) {
    store.dispatch({ type: "send/failed", error: describeError(error) });
  }
}

/** Creates the conversation a first message needs. A retry finds it in the pending message and does not create another. */
async function start({ api, store, navigate }: Context): Promise<string> {
  const { pending, model } = store.get();
  const conversation = await api.createConversation(model ?? undefined);
  store.dispatch({ type: "conversation/changed", conversation });
  store.dispatch({ type: "thread/loaded", detail: { ...conversation, messages: [], active_leaf_id: null } });
  store.dispatch({ type: "opened", id: conversation.id });
  navigate(conversation.id);
  if (pending) store.dispatch({ type: "send/started", pending: { ...pending, conversation: conversation.id } });
  return conversation.id;
}

/** Moves the conversation up the list, with the title the host may have given it. */
async function touch({ api, store }: Context, id: string): Promise<void> {
  const { messages: _, active_leaf_id: __, ...conversation } = await api.conversation(id);
  store.dispatch({ type: "conversation/changed", conversation });
}

export async function regenerate(context: Context, id: string, message: string): Promise<void> {
  await attempt(context, async () => {
    const { assistant_message, generation_id } = await context.api.regenerate(id, message, context.store.get().model ?? undefined);
    context.store.dispatch({ type: "messages/added", id, messages: [assistant_message], leaf: assistant_message.id });
    followAnswer(context, id, assistant_message.id, generation_id);
  });
}

export async function stop(context: Context, message: ThreadMessage): Promise<void> {
  const generation = message.generation_id;
  if (generation) await attempt(context, () => context.api.stop(generation));
}

export async function continueAnswer(context: Context, id: string, message: ThreadMessage): Promise<void> {
  const before = message.generation_id;
  if (!before) return;
  await attempt(context, async () => {
    const { generation_id } = await context.api.continue(before);
    context.store.dispatch({ type: "answer/continued", id, message: message.id, generation: generation_id });
    followAnswer(context, id, message.id, generation_id);
  });
}

export async function rate(context: Context, id: string, message: ThreadMessage, rating: Rating | null): Promise<void> {
  const before = message.feedback ?? null;
  const give = (value: Rating | null) => context.store.dispatch({ type: "feedback/given", id, message: message.id, rating: value });
  give(rating);
  await attempt(context, async () => {
    try {
      await context.api.feedback(id, message.id, rating);
    } catch (error) {
      give(before);
      throw error;
    }
  });
}
