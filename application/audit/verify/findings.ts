import type { EventStore, StoredEvent } from "../../ports/event-store.ts";
import type { KeptLeaves } from "../../ports/kept-leaves.ts";

/** Something that is not as it was kept or signed. */
export interface Finding {
  readonly what:
    | "changed"
    | "moved"
    | "inserted"
    | "missing"
    | "truncated"
    | "unreadable"
    | "leaf"
    | "node"
    | "root"
    | "checkpoint"
    | "trusted"
    | "archive";
  /** A sentence without a full stop. */
  readonly message: string;
  /** The number of the leaf, from 0, and the last one of several. */
  readonly leaf?: number | undefined;
  readonly lastLeaf?: number | undefined;
  readonly position?: bigint | undefined;
  readonly stream?: string | undefined;
  readonly revision?: number | undefined;
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  /** When the events before and after it were appended, epoch milliseconds; undefined where they cannot be read. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

/** More findings than anybody reads; the others are counted. */
const maxFindings = 100;

/** Collects findings, as many as are shown. */
export interface Findings {
  readonly shown: readonly Finding[];
  readonly count: number;
  add(finding: Finding): void;
}

export function collectFindings(): Findings {
  const shown: Finding[] = [];
  let count = 0;
  return {
    shown,
    get count() {
      return count;
    },
    add(finding) {
      count += 1;
      if (shown.length < maxFindings) shown.push(finding);
    },
  };
}

/** What tells an event from others, as it stands now. */
export const placeOf = ({ position, stream, revision, type, id }: StoredEvent) => ({
  position,
  stream,
  revision,
  type,
  id,
});

type Store = Pick<EventStore, "readAll">;

const timeAfter = async (store: Store, position: bigint): Promise<number | undefined> => {
  const [event] = await store.readAll(position, 1).catch(() => []);
  return event?.time;
};

/** Says when the neighbours of what was found were appended: from the leaf before, and in the log behind it. */
export async function withNeighbours(store: Store, leaves: KeptLeaves, finding: Finding): Promise<Finding> {
  const { leaf, lastLeaf = leaf, position } = finding;
  if (position === undefined) return finding;
  const [end] = lastLeaf === leaf ? [] : await leaves.read(lastLeaf ?? 0, 1);
  const [earlier] = leaf === undefined || leaf === 0 ? [] : await leaves.read(leaf - 1, 1);
  const before = earlier && (await timeAfter(store, earlier.position - 1n));
  return { ...finding, before, after: await timeAfter(store, end?.position ?? position) };
}
