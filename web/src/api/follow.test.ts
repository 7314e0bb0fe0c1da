// A stream that is cut at any byte is taken up again from the last sequence number: nothing twice, nothing missing.
import { describe, expect, it } from "vitest";
import { ApiError } from "./errors";
import { follow, type StreamPhase } from "./follow";
import type { GenerationEvent } from "./types";

const texts = ["Hello", ", ", "wörld", " 🌍", "!"];

function log(): string[] {
  let offset = 0;
  const deltas = texts.map((text, index) => {
    const data = JSON.stringify({ seq: index + 1, offset, text });
    offset += text.length;
    return `id: ${index + 1}\nevent: delta\ndata: ${data}\n\n`;
  });
  return [...deltas, `id: 5\nevent: done\ndata: {"seq":5,"status":"completed","finish_reason":"stop"}\n\n`];
}

/** A host whose connections end after so many bytes. Its last text and the end share a sequence number, as they may. */
function host(cuts: number[]) {
  const asked: number[] = [];
  const open = async (after: number): Promise<Response> => {
    asked.push(after);
    const bytes = new TextEncoder().encode(log().slice(after).join(""));
    return new Response(bytes.slice(0, cuts.shift() ?? bytes.length));
  };
  return { open, asked };
}

async function run(open: (after: number) => Promise<Response>) {
  const events: GenerationEvent[] = [];
  const phases: StreamPhase[] = [];
  const waits: number[] = [];
  const { signal } = new AbortController();
  const wait = async (milliseconds: number) => void waits.push(milliseconds);
  await follow({ open, onEvents: (some) => events.push(...some), onPhase: (phase) => phases.push(phase), wait, signal });
  const text = events.map((event) => (event.kind === "delta" ? event.text : "")).join("");
  return { events, phases, waits, text };
}

describe("follow", () => {
  it("reads to the end", async () => {
    const { open, asked } = host([]);
    const { events, phases, text } = await run(open);
    expect(text).toBe(texts.join(""));
    expect(events.at(-1)).toMatchObject({ kind: "done", status: "completed" });
    expect(phases).toEqual(["connecting", "live"]);
    expect(asked).toEqual([0]);
  });

  it("loses and doubles nothing wherever the connection is cut", async () => {
    const length = new TextEncoder().encode(log().join("")).length;
    for (let cut = 0; cut < length; cut++) {
      const { text, events } = await run(host([cut]).open);
      expect(text).toBe(texts.join(""));
      expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 5]);
    }
  });

  it("waits longer each time nothing came, and says so", async () => {
    let attempts = 0;
    const { open } = host([]);
    const { waits, phases } = await run(async (after) => {
      if (++attempts <= 6) throw new TypeError("network");
      return open(after);
    });
    expect(waits).toEqual([400, 800, 1600, 3200, 6400, 8000]);
    expect(phases.at(1)).toBe("reconnecting");
    expect(phases.at(-1)).toBe("live");
  });

  it("keeps trying while the host restarts, and gives up when it refuses", async () => {
    const answers = [new ApiError(503, "starting"), new ApiError(404, "There is no such generation.")];
    const attempt = run(async () => {
      throw answers.shift()!;
    });
    await expect(attempt).rejects.toThrow("There is no such generation.");
    expect(answers).toEqual([]);
  });

  it("stops when told to", async () => {
    const controller = new AbortController();
    const never = (_: number, signal: AbortSignal) =>
      new Promise<Response>((_, reject) => signal.addEventListener("abort", () => reject(new DOMException("stop", "AbortError"))));
    const done = follow({ open: never, onEvents: () => undefined, onPhase: () => undefined, wait: async () => undefined, signal: controller.signal });
    controller.abort();
    await expect(done).resolves.toBeUndefined();
  });
});
