import { timeText } from "../events/words/words.ts";
import type { AuditIndex, Count } from "../ports/audit-index.ts";
import type { Secrets } from "../ports/secrets.ts";
import { blockKey, dayLength } from "./index/counts.ts";
import { blockContext } from "./index/origin.ts";

/** By what numbers are told apart. */
export type StatsBy = "day" | "client" | "block";

/** How often each thing happened, by its name in the index: on one day, by one client, from one block. */
export interface StatsRow {
  /** A day (UTC) as `2026-03-01`, a client id, or a block of addresses in CIDR form. */
  readonly name: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** Whole days (since 1970-01-01, UTC), both included. */
export interface Days {
  readonly since: number;
  readonly until: number;
}

interface Dependencies {
  readonly index: Pick<AuditIndex, "counts" | "totals" | "memory">;
  readonly secrets: Pick<Secrets, "open">;
}

/** A day as it is written. */
export const dayText = (day: number): string => timeText(day * dayLength).slice(0, 10);

/** One row a name, in the order in which names come first. */
function rowsOf(counts: Iterable<readonly [name: string, what: string, count: number]>): readonly StatsRow[] {
  const rows = new Map<string, Map<string, number>>();
  for (const [name, what, count] of counts) {
    const row = rows.get(name) ?? new Map<string, number>();
    rows.set(name, row.set(what, (row.get(what) ?? 0) + count));
  }
  return [...rows].map(([name, row]) => ({ name, counts: Object.fromEntries(row) }));
}

/** What stands for a block, in the clear; the same block under an older master key is the same again. */
function blockNames({ index, secrets }: Dependencies): (value: string) => string {
  const names = new Map<string, string>();
  return (value) => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const sealed = index.memory(blockKey(value));
    const name = (sealed && secrets.open("audit_address", sealed, blockContext)) ?? "unknown";
    names.set(value, name);
    return name;
  };
}

/** All that happened to one row together: tokens, refusals, sessions. */
const weight = ({ counts }: StatsRow): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/**
 * What the index counted on these days: a row a day that had anything, oldest first; a row a client or block, the busiest
 * first. @throws {Unavailable}
 */
export function statsOf(
  dependencies: Dependencies,
  by: StatsBy,
  { since, until }: Days,
): readonly StatsRow[] {
  const { index } = dependencies;
  if (by === "day") {
    const counts = index.counts("all", since, until);
    return rowsOf(counts.map(({ day, what, count }: Count) => [dayText(day), what, count]));
  }
  const nameOf = by === "block" ? blockNames(dependencies) : (value: string) => value;
  const totals = index.totals(by, since, until);
  const rows = rowsOf(totals.map(({ what, value, count }) => [nameOf(value), what, count]));
  return [...rows].sort((one, other) => weight(other) - weight(one) || (one.name < other.name ? -1 : 1));
}

/** How often one thing happened; all of a group where the name ends with a dot, as `issued.` does. */
export const sumOf = ({ counts }: Pick<StatsRow, "counts">, name: string): number =>
  name.endsWith(".")
    ? Object.entries(counts).reduce((sum, [what, count]) => (what.startsWith(name) ? sum + count : sum), 0)
    : (counts[name] ?? 0);

/** The numbers that are looked at first. Access tokens are those of every kind, refreshes and repeats among them. */
export const summaryOf = (row: Pick<StatsRow, "counts">) => ({
  access_tokens: sumOf(row, "issued."),
  refreshes: sumOf(row, "issued.refresh_token"),
  repeats: sumOf(row, "issued.repeat"),
  refusals: sumOf(row, "refused."),
  reuse: sumOf(row, "detected.refresh_token_reused"),
  replays: sumOf(row, "detected.code_replayed"),
  revocations: sumOf(row, "revoked."),
  sign_ins: sumOf(row, "started.browser"),
  mcp_sessions: sumOf(row, "started.mcp"),
});
