import type { AuditRevealEvent } from "../../../../domain/audit-reveal.ts";
import type { ClosureEvent } from "../../../../domain/closure/closure.ts";
import type { IdempotencyKeyEvent } from "../../../../domain/idempotency-key.ts";
import type { LogRestoreEvent } from "../../../../domain/log-restore.ts";
import type { ProjectionRetryEvent } from "../../../../domain/projection-retry.ts";
import type { RefusalCountEvent } from "../../../../domain/refusal-count.ts";
import type { RetentionEvent } from "../../../../domain/retention/retention.ts";
import type { LibraryEvent } from "../../../../domain/score/library.ts";
import type { StoredScoreEvent } from "../../../../domain/score/stored-score.ts";
import type { SigningKeyEvent, SigningKeys } from "../../../../domain/signing-key/signing-key.ts";
import { type Facts, pick, type Told, toldStream } from "./told.ts";

const keysOf = ({ keys, at }: { keys: SigningKeys; at: number }): Facts => ({
  active: pick(keys.active, "kid", "algorithm", "publishedAt"),
  next: pick(keys.next, "kid", "algorithm", "publishedAt"),
  retired: keys.retired.map(({ kid }) => kid),
  at,
});

/** What is given out of keys, jobs, scores, exports and restores. Of a score nothing that somebody wrote. */
export const toldOfDeployment: Told<
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
  "signing_keys.created": keysOf,
  "signing_keys.rotated": (data) => ({ ...keysOf(data), kid: data.kid }),
  "signing_keys.removed": (data) => ({ ...keysOf(data), kids: data.kids }),
  "signing_keys.replaced": (data) => ({ ...keysOf(data), kids: data.kids }),
  "projection.retried": ({ stream, at }) => ({ stream: stream && toldStream(stream), at }),
  "refusals.counted": (data) => pick(data, "kind", "clientId", "count", "windowStart", "windowEnd"),
  "closure.completed": ({ closure }) => ({
    ...pick(closure, "what", "epoch", "grants", "completedAt"),
    [`${closure.what}Id`]: closure.id,
  }),
  "retention.applied": ({ streams, archive, at }) => ({
    streams: streams.map(({ stream, revision, events }) => ({
      stream: toldStream(stream),
      revision,
      events,
    })),
    archive: pick(archive, "name", "sha256"),
    at,
  }),
  "score.added": ({ stored }) => ({ ...pick(stored, "epoch", "addedAt"), how: stored.origin.how }),
  "library.reset": ({ library }) => pick(library, "epoch", "resetAt"),
  "audit.revealed": (data) => pick(data, "at", "format", "reason", "since", "until", "after", "types"),
  "log.restored": ({ at, backup, grantsKept }) => ({
    at,
    backup: backup && pick(backup, "logId", "position", "madeAt"),
    grantsKept,
  }),
  "idempotency_key.used": ({ use }) => pick(use, "usedAt", "keyVersion"),
  "idempotency_key.repeated": ({ use, at }) => ({ ...pick(use, "usedAt", "keyVersion"), at }),
};
