import type { UsedAssertion } from "../client/assertion.ts";
import type { DomainEvent } from "../decider.ts";
import { type Grant, lastsUntil } from "../grant/grant.ts";
import { type KeyUse, keyHolds } from "../idempotency-key.ts";

/** A stream that was removed: its last revision, and how many events up to that one are in the archive. */
export interface RemovedStream {
  readonly stream: string;
  readonly revision: number;
  readonly events: number;
}

/** What left the log for good reason, and where it is kept: the archive's SHA-256 as base64url. */
export interface Retention {
  readonly streams: readonly RemovedStream[];
  readonly archive: { readonly name: string; readonly sha256: string };
  readonly at: number;
}

export type RetentionEvent = DomainEvent<"retention.applied", Retention>;

/** Events that begin a stream which is removed some time after it is of no use any more. */
export const beginsRemovable: ReadonlySet<string> = new Set([
  "grant.authorized",
  "grant.client_credentials.issued",
  "client.assertion.used",
  "idempotency_key.used",
]);

/** When the stream that ends with this event came to be of no use; undefined where it is none that is ever removed. */
export function deadSince({ type, data }: DomainEvent): number | undefined {
  if (type === "client.assertion.used") return (data as { assertion: UsedAssertion }).assertion.expiresAt;
  if (type.startsWith("idempotency_key.")) return (data as { use: KeyUse }).use.usedAt + keyHolds;
  if (type.startsWith("grant.")) return lastsUntil((data as { grant: Grant }).grant);
  return undefined;
}
