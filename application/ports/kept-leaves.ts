import type { Hash } from "../../domain/audit/merkle.ts";

/** A leaf of the tree over the log, which is kept also where its event is gone. */
export interface KeptLeaf {
  /** Its number in the tree, from 0 without holes. */
  readonly index: number;
  /** Of its event in this store. */
  readonly position: bigint;
  /** Names its event, 16 bytes: see `leafName`. */
  readonly name: Uint8Array;
  readonly hash: Hash;
}

/** The root of a complete subtree of 2^level leaves, and how many of them stand left of it. */
export interface KeptNode {
  readonly level: number;
  readonly number: number;
  readonly hash: Hash;
}

/** The levels whose nodes are kept: with 10 million leaves, no root takes more than some hundred hashes. */
export const keptLevels: readonly number[] = [8, 16, 24];

/** The leaves that were ever taken in, beside the log and outlasting its events. Nothing there is ever changed. */
export interface KeptLeaves {
  /** How many leaves there are. @throws {Unavailable}, as all of these */
  size(): Promise<number>;
  /** Leaves in order. */
  read(from: number, limit: number): Promise<readonly KeptLeaf[]>;
  /** The hashes of leaves (level 0) or kept nodes of a level, in order. @throws {Unavailable} also where one is missing */
  hashes(level: number, from: number, count: number): Promise<readonly Hash[]>;
  /**
   * Adds leaves behind the last one, and the nodes that they complete, durably. Answers no, and adds nothing, where
   * there are not exactly `size` leaves: another process added some.
   */
  add(size: number, leaves: readonly KeptLeaf[], nodes: readonly KeptNode[]): Promise<boolean>;
  /** Whether the positions are of this store; they are not where the log was copied to another one. */
  isPlaced(): Promise<boolean>;
  /** Gives leaves, by their number, positions in this store. `isDone`: now all of them have theirs. */
  place(positions: ReadonlyMap<number, bigint>, isDone: boolean): Promise<void>;
  close(): Promise<void>;
}

/**
 * Takes in what the log got, before events are removed from it. No, where the log is not the one any more whose leaves are
 * kept: then only what must be removed is. @throws {Unavailable} where it cannot: then they stay
 */
export type KeepLeaves = () => Promise<boolean>;
