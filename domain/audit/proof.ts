import type { LoggedEvent } from "./leaf.ts";
import type { Hash } from "./merkle.ts";
import { fromBase64, toBase64 } from "./note.ts";

/** That an event is in the tree of a checkpoint, with all that it takes to check that. */
export interface Proof {
  /** The text of the leaf: the event, after its number. */
  readonly leaf: string;
  readonly index: number;
  /** From the sibling of the leaf upwards (RFC 6962 section 2.1.1). */
  readonly hashes: readonly Hash[];
  /** A checkpoint, signed. */
  readonly note: string;
}

/** The form of C2SP tlog-proof. */
const header = "c2sp.org/tlog-proof@v1";

/** The hashes of lines, one each; undefined where one is none. */
function hashesOf(lines: readonly string[]): readonly Hash[] | undefined {
  const hashes = lines.map(fromBase64).filter((hash) => hash?.length === 32) as Hash[];
  return hashes.length === lines.length ? hashes : undefined;
}

/** A proof as text: C2SP tlog-proof, with the text of the leaf as its extra data. */
export const formatProof = ({ leaf, index, hashes, note }: Proof): string =>
  [header, `extra ${toBase64(Buffer.from(leaf))}`, `index ${index}`, ...hashes.map(toBase64), "", note].join(
    "\n",
  );

/** Reads a proof; undefined where it is none, or has no leaf. */
export function parseProof(text: string): Proof | undefined {
  const end = text.indexOf("\n\n");
  const [first, extra = "", place = "", ...lines] = text.slice(0, Math.max(end, 0)).split("\n");
  const leaf = extra.startsWith("extra ") ? fromBase64(extra.slice("extra ".length)) : undefined;
  const [, index] = /^index (0|[1-9]\d{0,14})$/.exec(place) ?? [];
  const hashes = hashesOf(lines);
  if (first !== header || !leaf || index === undefined || !hashes) return undefined;
  return { leaf: Buffer.from(leaf).toString(), index: Number(index), hashes, note: text.slice(end + 2) };
}

/** That the tree of a checkpoint begins with the leaves of an earlier one. */
export interface GrowthProof {
  /** How many leaves the earlier tree had. */
  readonly old: number;
  /** RFC 6962 section 2.1.2. */
  readonly hashes: readonly Hash[];
  /** The later checkpoint, signed. */
  readonly note: string;
}

/** A proof of growth as text: what C2SP tlog-witness lets be submitted as `add-checkpoint`. */
export const formatGrowth = ({ old, hashes, note }: GrowthProof): string =>
  [`old ${old}`, ...hashes.map(toBase64), "", note].join("\n");

/** Reads a proof of growth; undefined where it is none. */
export function parseGrowth(text: string): GrowthProof | undefined {
  const end = text.indexOf("\n\n");
  const [first = "", ...lines] = text.slice(0, Math.max(end, 0)).split("\n");
  const [, old] = /^old (0|[1-9]\d{0,14})$/.exec(first) ?? [];
  const hashes = hashesOf(lines);
  return old === undefined || !hashes ? undefined : { old: Number(old), hashes, note: text.slice(end + 2) };
}

/** The event that the text of a leaf is, and its number in the tree; undefined where it is none. */
export function parseLeaf(text: string): { readonly index: number; readonly event: LoggedEvent } | undefined {
  try {
    const members: unknown = JSON.parse(text);
    if (!Array.isArray(members) || members.length !== 9) return undefined;
    const [index, stream, revision, type, version, id, time, data, metadata] = members;
    return { index, event: { stream, revision, type, version, id, time, data, metadata } };
  } catch {
    return undefined;
  }
}
