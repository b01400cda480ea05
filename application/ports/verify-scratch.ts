import type { KeptLeaf } from "./kept-leaves.ts";

/** Leaves without their event, and the names of events that were removed for good reason: on disk, as they may be many. */
export interface VerifyScratch {
  /** Notes a leaf whose event does not stand where it stood. `isMissing`: nothing stands there. */
  add(leaf: KeptLeaf, isMissing: boolean): void;
  /** Notes the name of an event that a retention or an erasure removed. */
  allow(name: Uint8Array): void;
  /** The leaf of an event, among those that were noted. */
  find(name: Uint8Array): KeptLeaf | undefined;
  /** How many leaves are missing for good reason. */
  removed(): number;
  /** Leaves that are missing and should not, in order. */
  missing(): Iterable<KeptLeaf>;
  close(): void;
}
