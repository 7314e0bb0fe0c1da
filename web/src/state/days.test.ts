// Days are the reader's own, and groups follow the list's order.
import { expect, it } from "vitest";
import { dayLabel, groupByDay } from "./days";

const now = new Date(2026, 10, 22, 0, 30);

it.each([
  [new Date(2026, 10, 22, 0, 1), "Today"],
  [new Date(2026, 10, 21, 23, 59), "Yesterday"],
  [new Date(2026, 10, 20, 12), "Last 7 days"],
  [new Date(2026, 10, 15, 12), "Last 30 days"],
  [new Date(2026, 8, 30, 12), "September 2026"],
  [new Date(2026, 10, 23), "Today"],
])("%s is %s", (date, label) => expect(dayLabel(date, now)).toBe(label));

it("groups neighbours under one label", () => {
  const at = (id: string, date: Date) => ({ id, title: id, created_at: 0, updated_at: date.getTime() / 1000 });
  const groups = groupByDay([at("a", now), at("b", now), at("c", new Date(2026, 10, 21))], now);
  expect(groups.map(({ label, items }) => [label, items.map(({ id }) => id)])).toEqual([["Today", ["a", "b"]], ["Yesterday", ["c"]]]);
});
