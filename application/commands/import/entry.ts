import type { RegistrationRequest } from "../../../domain/client/metadata.ts";
import type { Scope } from "../../../domain/oauth/scope.ts";

/** A password or client secret: as its owner types it, or as another product hashed it. */
export type ImportedSecret =
  | { readonly kind: "clear"; readonly secret: string }
  | { readonly kind: "hash"; readonly hash: string };

/** A client as another product knows it, in our terms; what was lost on the way is told by `notices`. */
export interface ImportedClient {
  readonly kind: "client";
  readonly id: string;
  readonly request: Omit<RegistrationRequest, "scope">;
  /** As they are named there; none where the client is not restricted to any. */
  readonly scopes: Scope;
  readonly secret: ImportedSecret | undefined;
  readonly isDisabled: boolean;
  readonly notices: readonly string[];
}

/** A person as another product knows them, in our terms. `id` is the username. */
export interface ImportedUser {
  readonly kind: "user";
  readonly id: string;
  /** The id that they are to have here; a fresh one where undefined. */
  readonly userId: string | undefined;
  /** Undefined where there is none that could be taken over. */
  readonly password: ImportedSecret | undefined;
  /** What they may grant; that of the import's options where undefined. */
  readonly scopes: Scope | undefined;
  readonly isDisabled: boolean;
  readonly notices: readonly string[];
}

/** What cannot be imported, or need not be. */
export interface Unfit {
  readonly kind: "client" | "user" | "entry";
  readonly id: string;
  readonly outcome: "skipped" | "refused";
  /** The member that is at fault, named as it is in the file. */
  readonly field?: string;
  readonly reason: string;
}

export type Entry = ImportedClient | ImportedUser | Unfit;

/** What became of an entry. */
export interface Outcome {
  readonly kind: Entry["kind"];
  readonly id: string;
  readonly outcome: "imported" | "already there" | "skipped" | "refused";
  readonly userId?: string;
  /** A secret that was made for the client; shown this once. */
  readonly secret?: string;
  readonly field?: string;
  readonly reason?: string;
  readonly notices: readonly string[];
}

/** How an import is done. */
export interface ImportOptions {
  /** Tells what would happen, and does nothing. */
  readonly isDryRun: boolean;
  /** Whether a client whose secret cannot be taken over gets a new one. */
  readonly makesSecrets: boolean;
  /** What a client gets of whose scopes none exists here; such a client is refused where undefined. */
  readonly clientScopes: Scope | undefined;
  /** What a person may grant of whom the file says nothing. */
  readonly userScopes: Scope;
}

/** An entry that is refused, by the member that is at fault. */
export const refusedEntry = (
  { kind, id }: Pick<Outcome, "kind" | "id">,
  field: string,
  reason: string,
): Outcome => ({ kind, id, outcome: "refused", field, reason, notices: [] });
