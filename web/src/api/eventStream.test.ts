// Events come out the same however the network cuts the text.
import { describe, expect, it } from "vitest";
import { EventStreamParser } from "./eventStream";

const stream = ': hello\r\n\r\nid: 1\nevent: delta\ndata: {"a":1}\n\nid:2\r\nevent:delta\r\ndata: one\r\ndata: two\r\n\r\ndata: plain\rid: 3\r\revent: lost\n\n';
const expected = [
  { id: "1", event: "delta", data: '{"a":1}' },
  { id: "2", event: "delta", data: "one\ntwo" },
  { id: "3", event: "message", data: "plain" },
];

describe("EventStreamParser", () => {
  it("reads every line end, comments and several data lines", () => {
    expect(new EventStreamParser().push(stream)).toEqual(expected);
  });

  it("gives the same events for every cut into two", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const parser = new EventStreamParser();
      expect([...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))]).toEqual(expected);
    }
  });

  it("gives the same events character by character", () => {
    const parser = new EventStreamParser();
    expect([...stream].flatMap((character) => parser.push(character))).toEqual(expected);
  });

  it("keeps an unfinished event back", () => {
    const parser = new EventStreamParser();
    expect(parser.push("data: half")).toEqual([]);
    expect(parser.push("\n")).toEqual([]);
    expect(parser.push("\n")).toEqual([{ id: "", event: "message", data: "half" }]);
  });
});
