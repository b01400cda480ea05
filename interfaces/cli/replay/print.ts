import type { Difference } from "../../../application/audit/replay/compare.ts";

/** What a difference of each kind is, in words. */
const words: Readonly<Record<Exclude<Difference["kind"], "different">, (index: string) => string>> = {
  missing: () => "is missing from the live read models",
  extra: () => "is in the live read models alone",
  unreadable: () => "cannot be read in the live read models: it, or what comes before it, is no JSON",
  not_found_by: (index) => `is not found by ${index} in the live read models`,
  wrongly_found_by: (index) => `is found by ${index} in the live read models and should not be`,
};

/** Names may be what others typed: nothing of them commands a terminal. */
const plain = (text: string): string =>
  text.replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A difference in one line. */
export function differenceLine({ kind, collection, id, members, index = "" }: Difference): string {
  const name = plain(`${collection}/${id}`);
  if (kind !== "different") return `${name} ${words[kind](plain(index))}`;
  const changes = members.map(
    ({ path, folded, live }) => `${path === "" ? "the whole" : plain(path)} (folded ${folded}, live ${live})`,
  );
  return `${name} differs in ${changes.join(", ")}`;
}

/** Seconds since a moment of the monotonic clock, to a tenth. */
const secondsSince = (started: number): number => Math.round((performance.now() - started) / 100) / 10;

/** How long something took and how fast it was. */
export function rateOf(events: number, started: number) {
  const elapsed = Math.max(1, performance.now() - started);
  return {
    events,
    seconds: secondsSince(started),
    events_per_second: Math.round((events * 1_000) / elapsed),
  };
}

/** Counts by name: as they are, or as a text of those that are not zero. */
export function countsShown(counts: ReadonlyMap<string, number>, asJson: boolean | undefined): unknown {
  if (asJson) return Object.fromEntries(counts);
  const told = [...counts].filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`);
  return told.length === 0 ? "none" : told.join(", ");
}
