import type { SignedNote } from "../../domain/audit/note.ts";

/** Verifies notes by the keys that are trusted. */
export interface NoteVerifier {
  /** Whether a trusted key signed it, and no signature of a trusted key is wrong (C2SP signed-note). */
  isSigned(note: SignedNote): boolean;
}

/** The keys of a log's checkpoints, one for each version of the master key; all of them verify. */
export interface CheckpointKeys extends NoteVerifier {
  /** As lines of text by which anybody can verify, the newest first. */
  readonly vkeys: readonly string[];
  /** Signs a text that ends with a newline, by the newest key: the whole note. */
  sign(text: string): string;
}
