// Turns whatever went wrong into one calm sentence. Knows OpenAI's error shape and nothing of the page.

/** The host answered, but refused: its own sentence, and what a caller may decide on. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** True for an abort the page itself asked for; never shown. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** One sentence for a person. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "Parley cannot be reached. It may be restarting.";
  return "Something went wrong. Please try again.";
}

/** The error in a response body of OpenAI's shape, or a plain sentence with the status. */
export async function readError(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  const { message, code } = parseError(text);
  return new ApiError(response.status, message ?? `The server answered with status ${response.status}.`, code);
}

/** Reads `{"error": {"message", "code"}}`; both are null where the text is something else. */
export function parseError(text: string): { message: string | null; code: string | null } {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown; code?: unknown } };
    return {
      message: typeof error?.message === "string" && error.message !== "" ? error.message : null,
      code: typeof error?.code === "string" ? error.code : null,
    };
  } catch {
    return { message: null, code: null };
  }
}
