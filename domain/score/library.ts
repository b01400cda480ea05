import { accept, type Decider, type DomainEvent } from "../decider.ts";

/** The library of scores as a whole. Scores are added to an epoch; a reset begins the next one, empty. */
export interface Library {
  readonly epoch: number;
  readonly resetAt: number | null;
}

export type LibraryEvent = DomainEvent<"library.reset", { library: Library }>;

export interface LibraryCommand {
  readonly type: "reset";
  readonly now: number;
}

/** A library that was never reset. */
export const firstLibrary: Library = { epoch: 0, resetAt: null };

/** The rules of the library: a reset forgets nothing, it begins anew. */
export const libraryDecider: Decider<Library, LibraryCommand, LibraryEvent, Library> = {
  initialState: firstLibrary,
  evolve: (_state, event) => event.data.library,
  decide({ now }, { epoch }) {
    const library = { epoch: epoch + 1, resetAt: now };
    return accept([{ type: "library.reset", data: { library } }], library);
  },
};
