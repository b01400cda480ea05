import { leafHash, leafText } from "../../../domain/audit/leaf.ts";
import { type Hash, isSameHash } from "../../../domain/audit/merkle.ts";
import { BrokenEvent, type EventStore, type StoredEvent } from "../../ports/event-store.ts";
import type { KeptLeaf, KeptLeaves } from "../../ports/kept-leaves.ts";
import type { VerifyScratch } from "../../ports/verify-scratch.ts";
import { type Cursor, cursorOver, type Entry, entriesAfter } from "./entries.ts";
import type { Findings } from "./findings.ts";
import type { Roots } from "./roots.ts";

/** An entry of the log that is not the one whose leaf is kept there, or for which there is no leaf. */
export interface Stray {
  readonly entry: Entry;
  readonly leaf: KeptLeaf | undefined;
}

export interface WalkDependencies {
  readonly store: Pick<EventStore, "readAll">;
  readonly leaves: KeptLeaves;
  readonly scratch: VerifyScratch;
  readonly roots: Roots;
  readonly findings: Findings;
  readonly signal: AbortSignal;
  /** Told of each event that is as it was kept, or that is not kept yet. */
  readonly sound: (event: StoredEvent) => void;
  readonly stray: (stray: Stray) => void;
  /** Told how many leaves were looked at, after each page of them. */
  readonly paged: (leaves: number) => Promise<void>;
}

/** What a walk has seen. */
export interface Walked {
  /** Events that are as they were kept. */
  readonly sound: number;
  /** Events behind the last kept leaf. */
  readonly notYetKept: number;
}

const pageSize = 1_000;

const hashOf = (index: number, entry: Entry): Hash | undefined =>
  entry instanceof BrokenEvent ? undefined : leafHash(leafText(index, entry));

/** Compares leaf after leaf with what the log holds. */
function comparing({ scratch, roots, findings, sound, stray }: WalkDependencies, cursor: Cursor) {
  let refilledFrom: number | undefined;
  let count = 0;

  /** Says where kept leaves are gone before this one. */
  function closeGap({ index }: KeptLeaf): void {
    const [first, size] = [refilledFrom, roots.size];
    refilledFrom = undefined;
    if (first !== undefined)
      findings.add({
        what: "leaf",
        message: `kept leaves ${first} to ${size - 1} are gone; the log has their events`,
        leaf: first,
        lastLeaf: size - 1,
      });
    if (size === index) return;
    roots.lose(index);
    findings.add({
      what: "leaf",
      message: `kept leaves ${size} to ${index - 1} are gone, and events of theirs too: no later root can be compared`,
      leaf: size,
      lastLeaf: index - 1,
    });
  }

  /** An event before the next leaf: that of a leaf which is gone, or one that nobody kept. */
  function between(entry: Entry, next: KeptLeaf): void {
    const lost = roots.size < next.index ? hashOf(roots.size, entry) : undefined;
    if (lost) {
      refilledFrom ??= roots.size;
      roots.add(lost, lost);
    } else stray({ entry, leaf: undefined });
  }

  function absent(leaf: KeptLeaf): boolean {
    closeGap(leaf);
    roots.add(leaf.hash, leaf.hash);
    scratch.add(leaf, true);
    return true;
  }

  function beside(leaf: KeptLeaf, entry: Entry): boolean {
    closeGap(leaf);
    const logged = hashOf(leaf.index, entry);
    if (logged && isSameHash(logged, leaf.hash)) {
      roots.add(leaf.hash, leaf.hash);
      sound(entry as StoredEvent);
      count += 1;
    } else {
      roots.add(leaf.hash, logged);
      scratch.add(leaf, false);
      stray({ entry, leaf });
    }
    return true;
  }

  return {
    count: () => count,
    absent,
    /** Takes what stands up to the place of a leaf; answers no where more of the log must be read first. */
    meet(leaf: KeptLeaf): boolean {
      for (let entry = cursor.peek(); entry; entry = cursor.peek()) {
        if (entry.position > leaf.position) return absent(leaf);
        cursor.take();
        if (entry.position === leaf.position) return beside(leaf, entry);
        between(entry, leaf);
      }
      return false;
    },
  };
}

/** Takes the rest of the log; answers of how many entries. */
async function takeRest({ sound, stray }: WalkDependencies, cursor: Cursor): Promise<number> {
  let count = 0;
  do
    for (let entry = cursor.peek(); entry; entry = cursor.peek()) {
      cursor.take();
      count += 1;
      if (entry instanceof BrokenEvent) stray({ entry, leaf: undefined });
      else sound(entry);
    }
  while (await cursor.fill());
  return count;
}

/**
 * Goes through the kept leaves from where the tree stands up to before `end`, and the log beside them from a position
 * on, then through the rest of the log. @throws the signal's reason @throws {Unavailable}
 */
export async function walk(dependencies: WalkDependencies, after: bigint, end: number): Promise<Walked> {
  const { store, leaves, roots, signal, paged } = dependencies;
  const cursor = cursorOver(entriesAfter(store, after, signal));
  const { meet, absent, count } = comparing(dependencies, cursor);
  for (let index = roots.size; index < end; ) {
    signal.throwIfAborted();
    const page = await leaves.read(index, Math.min(pageSize, end - index));
    for (const leaf of page)
      while (!meet(leaf))
        if (!(await cursor.fill())) {
          absent(leaf);
          break;
        }
    index = (page.at(-1)?.index ?? end) + 1;
    await paged(index);
  }
  const notYetKept = await takeRest(dependencies, cursor);
  return { sound: count(), notYetKept };
}
