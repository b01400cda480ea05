import type { Command } from "commander";
import { createArchivedEvents } from "../../../application/audit/archived.ts";
import { buildIndex, type IndexDependencies } from "../../../application/audit/index/build.ts";
import type { PastDependencies } from "../../../application/audit/past.ts";
import type { AuditIndex } from "../../../application/ports/audit-index.ts";
import { addressParts } from "../../../infrastructure/network/addresses.ts";
import { openIndex } from "../../audit/current-index.ts";
import { openArchiveReader } from "../../engines.ts";
import { progressBar } from "../progress.ts";
import { type Audit, withAudit } from "./with-audit.ts";

/** The log, and an index that holds all of it. */
export interface IndexedAudit extends Audit, IndexDependencies, PastDependencies {
  readonly store: Audit["store"];
  readonly clock: Audit["clock"];
  readonly erasureList: Audit["erasureList"];
  readonly index: AuditIndex;
}

/** When a bar is shown, in milliseconds. */
const patience = 2_000;

/** Takes into the index what the log got since; tells of it where that takes long. */
export async function catchUp(audit: IndexedAudit): Promise<number> {
  const { store, index, signal } = audit;
  const from = Number(index.checkpoint().position);
  const bar = progressBar("Indexing", Number(await store.lastPosition()), { delay: patience, from });
  try {
    return await buildIndex(audit, { signal, progress: (position) => bar.update(Number(position)) });
  } finally {
    bar.stop();
  }
}

/** As `withAudit`, with the audit index beside the log, which is brought up to date first. */
export const withIndex = (
  command: Command,
  work: (audit: IndexedAudit, added: number) => Promise<void>,
): Promise<void> =>
  withAudit(command, async (audit) => {
    const index = openIndex(audit.config, audit.store.logId);
    const archive = openArchiveReader(audit.config);
    const archived = createArchivedEvents({ store: audit.store, index, archive });
    const indexed = { ...audit, index, addressParts, archived };
    try {
      await work(indexed, await catchUp(indexed));
    } finally {
      index.close();
    }
  });
