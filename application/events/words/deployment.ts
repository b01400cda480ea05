import type { AuditRevealEvent } from "../../../domain/audit-reveal.ts";
import type { ClosureEvent } from "../../../domain/closure/closure.ts";
import type { IdempotencyKeyEvent } from "../../../domain/idempotency-key.ts";
import type { LogRestore, LogRestoreEvent } from "../../../domain/log-restore.ts";
import type { ProjectionRetryEvent } from "../../../domain/projection-retry.ts";
import type { RefusalCountEvent } from "../../../domain/refusal-count.ts";
import type { RetentionEvent } from "../../../domain/retention/retention.ts";
import type { LibraryEvent } from "../../../domain/score/library.ts";
import type { StoredScoreEvent } from "../../../domain/score/stored-score.ts";
import type { SigningKeyEvent } from "../../../domain/signing-key/signing-key.ts";
import { timeText, type Words } from "./words.ts";

const sourceOf = ({ backup }: LogRestore): string =>
  backup === null
    ? "restored by other means"
    : `restored from a backup of ${timeText(backup.madeAt)}, of log ${backup.logId} up to position ${backup.position}`;

/** What is told of keys, jobs, scores, exports and restores. */
export const deploymentWords: Words<
  | SigningKeyEvent
  | ProjectionRetryEvent
  | RefusalCountEvent
  | ClosureEvent
  | RetentionEvent
  | StoredScoreEvent
  | LibraryEvent
  | AuditRevealEvent
  | LogRestoreEvent
  | IdempotencyKeyEvent
> = {
  "signing_keys.created": ({ keys }) =>
    `signing keys: ${keys.active.kid} signs, ${keys.next.kid} is the next`,
  "signing_keys.rotated": ({ keys }) =>
    `signing keys: ${keys.active.kid} signs from now on, ${keys.next.kid} is the next`,
  "signing_keys.removed": ({ kids }) =>
    `signing keys: ${kids.join(", ")} removed, no token of theirs is left`,
  "signing_keys.replaced": ({ keys }) =>
    `signing keys: ${keys.active.kid} signs from now on, ${keys.next.kid} is the next; those from before verify nothing any more`,
  "projection.retried": ({ stream }) =>
    `projection: ${stream === null ? "all parked streams are" : `stream ${stream} is`} tried again`,
  "refusals.counted": ({ kind, clientId, count, windowStart }) =>
    `refusals: ${count} of ${kind}${clientId === null ? "" : ` to client ${clientId}`} since ${timeText(windowStart)}`,
  "closure.completed": ({ closure }) =>
    `closure: ${closure.what} ${closure.id} had ended; all grants that lived by it know of it, ${closure.grants} of them since now`,
  "retention.applied": ({ streams, archive }) =>
    `retention: ${streams.length} streams moved to the archive ${archive.name}`,
  "score.added": ({ stored }) => `scores: one added (${stored.origin.how})`,
  "library.reset": () => "scores: the library was reset",
  // Why stands in the event: somebody typed it.
  "audit.revealed": ({ format }) => `audit: an export (${format}) shows personal fields in the clear`,
  "log.restored": (restore) =>
    `log: ${sourceOf(restore)}; ${restore.grantsKept ? "sessions and tokens from before live on" : "all sessions and tokens from before were ended"}`,
  "idempotency_key.used": () => "admin: a request came with an idempotency key, by which it can be repeated",
  "idempotency_key.repeated": () =>
    "admin: a request came again with its idempotency key, and was answered as at first, with the secret that was in it, if any",
};
