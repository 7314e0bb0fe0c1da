// Server-sent events out of text chunks cut anywhere. Knows the format (WHATWG HTML, 9.2.6) and not what the events mean.

export interface ServerSentEvent {
  id: string;
  event: string;
  data: string;
}

export class EventStreamParser {
  private rest = "";
  private id = "";
  private event = "";
  private data: string[] = [];

  /** The events completed by this chunk; an unfinished one waits for the next. */
  push(chunk: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    const text = this.rest + chunk;
    let start = 0;
    for (;;) {
      const end = lineEnd(text, start);
      if (!end) break;
      const event = this.line(text.slice(start, end.at));
      if (event) events.push(event);
      start = end.next;
    }
    this.rest = text.slice(start);
    return events;
  }

  private line(line: string): ServerSentEvent | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null; // a comment: the heartbeat
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id") this.id = value;
    return null;
  }

  private dispatch(): ServerSentEvent | null {
    const event = { id: this.id, event: this.event || "message", data: this.data.join("\n") };
    const empty = this.data.length === 0;
    this.event = "";
    this.data = [];
    return empty ? null : event;
  }
}

/** The next line's end: LF, CR or CRLF. A CR at the very end waits, because its LF may be in the next chunk. */
function lineEnd(text: string, start: number): { at: number; next: number } | null {
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === "\n") return { at: i, next: i + 1 };
    if (character !== "\r") continue;
    if (i + 1 === text.length) return null;
    return { at: i, next: text[i + 1] === "\n" ? i + 2 : i + 1 };
  }
  return null;
}
