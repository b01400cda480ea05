import { maintainSigningKeys } from "../commands/manage-signing-keys.ts";
import type { Context } from "../context.ts";
import type { Archive } from "../ports/archive.ts";
import type { ErasureList } from "../ports/erasure-list.ts";
import type { EventStore } from "../ports/event-store.ts";
import type { Jobs } from "../ports/jobs.ts";
import type { KeepLeaves } from "../ports/kept-leaves.ts";
import { applyRetention } from "./apply-retention.ts";
import { closeGrants } from "./close-grants.ts";
import { completeErasures } from "./complete-erasures.ts";
import { createSessionExpiry } from "./expire-sessions.ts";
import { keepCheckpoints, keepLog, type ProofDependencies } from "./keep-proof.ts";
import { removeExpiredDocuments } from "./remove-expired-documents.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** What the jobs need beside the context of every use case. */
export interface JobDependencies {
  readonly store: EventStore;
  readonly archive: Archive;
  readonly erasureList: ErasureList;
  readonly keepLeaves: KeepLeaves;
  /** Takes into the audit index what the log got since. */
  readonly index: (signal: AbortSignal) => Promise<void>;
  /** What proves the log, and how often it is signed, ms; undefined where nobody can ask for the proof. */
  readonly proof: (ProofDependencies & { readonly signedEvery: number }) | undefined;
}

/** Schedules every job that one process of a deployment does for all. */
export async function scheduleJobs(
  context: Context,
  jobs: Pick<Jobs, "schedule">,
  { store, archive, erasureList, keepLeaves, index, proof }: JobDependencies,
): Promise<void> {
  const system = { actor: "system", correlationId: "signing-key maintenance" };
  const expireSessions = createSessionExpiry(context);
  await Promise.all([
    jobs.schedule("signing keys", 10 * minute, () => maintainSigningKeys(context, system)),
    jobs.schedule("closures", 10 * second, (run) => closeGrants({ ...context, store }, run)),
    jobs.schedule("expired sessions", minute, expireSessions),
    jobs.schedule("expired documents", minute, (run) => removeExpiredDocuments(context, run)),
    jobs.schedule("erasures", minute, (run) =>
      completeErasures({ ...context, store, erasureList, keepLeaves }, run),
    ),
    jobs.schedule("audit index", minute, ({ signal }) => index(signal)),
    jobs.schedule("retention", hour, (run) =>
      applyRetention({ ...context, store, archive, keepLeaves }, run),
    ),
  ]);
  if (!proof) return;
  await jobs.schedule("leaves", minute, (run) => keepLog(proof, run));
  await jobs.schedule("checkpoints", proof.signedEvery, (run) => keepCheckpoints(proof, run));
}
