import { createHash } from "node:crypto";
import { Command } from "ioredis";
import type { Vocabulary } from "./document/vocabulary.ts";

/** Whose read models these are: those of one log, made by one generation of projections. */
export interface Owner {
  readonly logId: string;
  readonly generation: string;
  readonly vocabulary?: Vocabulary;
}

/** One part of the read models: all its keys lie on one server. */
export interface Part {
  readonly number: number;
  /** The slot that a Cluster gives its keys. */
  readonly slot: number;
  /** Begins every key of this log; its generations lie together. */
  readonly root: string;
  /** The meta of what answers, of what is filled beside it, and the builds that were replaced. */
  readonly live: string;
  readonly next: string;
  readonly replaced: string;
  readonly generation: string;
  /** The generations of this log, by when they were used last. */
  readonly generations: string;
}

const slots = 16_384;

/** How documents and sets lie in Redis: raised whenever that changes, so that nobody reads what lies there in another way. */
const format = 2;

/** Short, since it stands in every key: the few logs of one Redis do not meet by chance. */
const digest = (...values: unknown[]): string =>
  createHash("sha256").update(JSON.stringify(values)).digest("base64url").slice(0, 10);

/** The parts of these read models; those of another owner, or of another number of parts, have other keys. */
export function partsOf({ logId, generation, vocabulary }: Owner, count: number): readonly Part[] {
  const tag = digest(logId, count, format);
  const own = digest(generation, vocabulary);
  return Array.from({ length: count }, (_, number) => partOf(tag, own, number, count));
}

/** Spreads the parts evenly over the slots, since a Cluster spreads the slots evenly over its servers. */
function partOf(tag: string, generation: string, number: number, count: number): Part {
  for (let salt = 0; ; salt++) {
    const root = `dacapo:{${tag}${number.toString(36)}${salt.toString(36)}}:`;
    const slot = new Command("get", [root]).getSlot() ?? 0;
    if (Math.floor((slot * count) / slots) !== number) continue;
    const prefix = `${root}${generation}:`;
    return {
      ...{ number, slot, root, generation },
      live: `${prefix}live`,
      next: `${prefix}next`,
      replaced: `${prefix}replaced`,
      generations: `${root}generations`,
    };
  }
}

/** The part that holds the documents of this id, whatever their collection (FNV-1a). */
export function partNumberOf(id: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; count > 1 && at < id.length; at++)
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  return hash % count;
}

/** Begins the keys of a build, whose name is that of no other in any generation; the scripts know the same form. */
export const buildPrefix = ({ root }: Part, build: string): string => `${root}${build}:`;

/** The key of a document; the scripts know the same form. */
export const documentKey = (part: Part, build: string, collection: string, id: string): string =>
  `${buildPrefix(part, build)}${collection}/${id}`;
