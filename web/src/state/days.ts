// Groups conversations under the day they were last touched, in the reader's own calendar.
import type { Conversation } from "../api/types";

export interface DayGroup {
  label: string;
  items: Conversation[];
}

/** The host counts in seconds since 1970, with fractions. */
export const toDate = (seconds: number): Date => new Date(seconds * 1000);

export function groupByDay(items: readonly Conversation[], now: Date): DayGroup[] {
  const groups: DayGroup[] = [];
  for (const item of items) {
    const label = dayLabel(toDate(item.updated_at), now);
    const last = groups.at(-1);
    if (last?.label === label) last.items.push(item);
    else groups.push({ label, items: [item] });
  }
  return groups;
}

export function dayLabel(date: Date, now: Date): string {
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "Last 7 days";
  if (days < 30) return "Last 30 days";
  return date.toLocaleDateString("en", { month: "long", year: "numeric" });
}

const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
