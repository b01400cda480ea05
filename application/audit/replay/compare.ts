import type { Clock } from "../../ports/clock.ts";
import type { Listed, ReadModels } from "../../ports/read-models.ts";
import { projections } from "../../projections/index.ts";
import { parkedCollection } from "../../projector/parking.ts";
import { createCursor, merge } from "./compare-cursor.ts";
import { changedMembers, isSameJson, type Member } from "./compare-members.ts";
import type { IndexValue, Reference, ReferenceDocument } from "./compare-reference.ts";

/** Every collection of the read models. */
export const collections: readonly string[] = [
  ...projections.map(({ collection }) => collection),
  parkedCollection,
];

/**
 * What of the live read models is not what the log says. `missing` and `extra`: the document is there in the fold alone, or
 * in the live ones alone; `unreadable`: it is no JSON; `not_found_by` and `wrongly_found_by`: an index does not lead to it,
 * or does and should not.
 */
export interface Difference {
  readonly kind: "different" | "missing" | "extra" | "unreadable" | "not_found_by" | "wrongly_found_by";
  readonly collection: string;
  readonly id: string;
  /** In which members; empty for other kinds. */
  readonly members: readonly Member[];
  /** As `name=value`, where an index is what differs. */
  readonly index?: string;
}

export interface Comparison {
  /** Up to which position of the log the last look was. */
  readonly position: bigint;
  /** How many documents were compared, by collection. */
  readonly compared: ReadonlyMap<string, number>;
  readonly indexValues: number;
  readonly differences: number;
}

export interface CompareDependencies {
  readonly reference: Reference;
  readonly live: ReadModels;
  readonly clock: Clock;
}

/** How often a difference is looked at again while the live read models move, and how long apart (ms). */
const maxLooks = 20;
const betweenLooks = 25;
/** Of one document. */
const maxMembers = 20;
/** Told of one index value. */
const maxOfValue = 10_000;
/** Index values that are asked for at a time. */
const together = 32;

/**
 * Compares live read models with a fresh fold of the log (I9): every document of every collection, and what every index
 * value that was ever in use leads to. The live ones may move meanwhile: what differs is looked at again, folded up to
 * where they stand by then, and only what stays is told. Documents that expired do not count. Memory stays flat.
 * @throws {Unavailable} where the live read models are being built or cannot be reached
 */
export async function compare(
  { reference, live, clock }: CompareDependencies,
  found: (difference: Difference) => void,
  signal?: AbortSignal,
): Promise<Comparison> {
  const compared = new Map(collections.map((name) => [name, 0]));
  let differences = 0;
  let indexValues = 0;
  const isExpired = ({ expiresAt }: ReferenceDocument) => expiresAt !== null && expiresAt < clock.now();

  function tell(difference: Difference): void {
    differences += 1;
    found(difference);
  }

  /** Looks again until nothing differs, or the live read models stand still while something does. */
  async function settle<Result>(look: () => Promise<Result | undefined>): Promise<Result | undefined> {
    for (let looks = 1; ; looks += 1) {
      signal?.throwIfAborted();
      const before = await live.checkpoint();
      await reference.foldTo(before.position);
      const differing = await look();
      if (differing === undefined) return undefined;
      const after = await live.checkpoint();
      const isStill =
        before.position === reference.position() &&
        after.position === before.position &&
        after.ahead === null;
      if (isStill || looks === maxLooks) return differing;
      await clock.sleep(betweenLooks);
    }
  }

  async function lookAt(collection: string, id: string): Promise<Difference | undefined> {
    const expected = await reference.get(collection, id);
    const [actual] = await live.getMany([{ collection, id }]);
    if (expected && isExpired(expected)) return undefined;
    if (isSameJson(expected?.document, actual)) return undefined;
    if (!expected) return { kind: "extra", collection, id, members: [] };
    if (!actual) return { kind: "missing", collection, id, members: [] };
    const members = [...changedMembers(expected.document, actual)].slice(0, maxMembers);
    return { kind: "different", collection, id, members };
  }

  async function compareDocuments(collection: string): Promise<void> {
    const folded = createCursor((query) => reference.list(collection, query));
    const there = createCursor<Listed>((query) => live.listUnfinished(collection, query));
    await merge(folded, there, async (id, expected, actual) => {
      signal?.throwIfAborted();
      if (actual === "unreadable") return tell({ kind: "unreadable", collection, id, members: [] });
      if (expected && isExpired(expected)) return;
      compared.set(collection, (compared.get(collection) ?? 0) + 1);
      if (expected && actual && isSameJson(expected.document, actual.document)) return;
      const difference = await settle(() => lookAt(collection, id));
      if (difference) tell(difference);
    });
  }

  /** What an index value leads to on one side alone; undefined where that is nothing. */
  async function lookBy({ collection, index }: IndexValue): Promise<readonly Difference[] | undefined> {
    const differing: Difference[] = [];
    const folded = createCursor((query) => reference.list(collection, query), index);
    const there = createCursor<Listed>((query) => live.listUnfinished(collection, query), index);
    await merge(folded, there, async (id, expected, actual) => {
      // What cannot be read was told of already.
      if ((expected && actual) || actual === "unreadable" || (expected && isExpired(expected))) return;
      const kind = expected ? "not_found_by" : "wrongly_found_by";
      if (differing.length < maxOfValue)
        differing.push({ kind, collection, id, members: [], index: index.join("=") });
    });
    return differing.length === 0 ? undefined : differing;
  }

  /** A document that is not there is found by nothing, which was told of already. */
  async function isMissing({ kind, collection, id }: Difference): Promise<boolean> {
    return kind === "not_found_by" && (await live.getMany([{ collection, id }]))[0] === undefined;
  }

  async function compareIndexes(): Promise<void> {
    for (let after = ""; ; ) {
      const page = await reference.indexValues(after, together);
      const first = await Promise.all(page.map(lookBy));
      for (const [number, value] of page.entries()) {
        if (first[number] === undefined) continue;
        for (const difference of (await settle(() => lookBy(value))) ?? [])
          if (!(await isMissing(difference))) tell(difference);
      }
      indexValues += page.length;
      after = page.at(-1)?.id ?? "";
      if (page.length < together) return;
    }
  }

  await reference.foldTo((await live.checkpoint()).position);
  for (const collection of collections) await compareDocuments(collection);
  await compareIndexes();
  return { position: reference.position(), compared, indexValues, differences };
}
