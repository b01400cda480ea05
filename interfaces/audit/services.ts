import type { ArchiveReader } from "../../application/ports/archive.ts";
import type { ErasureList } from "../../application/ports/erasure-list.ts";
import type { EventStore } from "../../application/ports/event-store.ts";
import { requireMasterKey } from "../../infrastructure/config/master-key.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import type { Runtime } from "../compose.ts";
import { openArchiveReader, openErasureList } from "../engines.ts";
import { openProof, type Proof } from "../proof.ts";
import type { CurrentIndex } from "./current-index.ts";

/** What a server answers questions about the past from. */
export interface AuditServices {
  readonly index: CurrentIndex;
  readonly store: EventStore;
  readonly archive: ArchiveReader;
  readonly erasureList: ErasureList;
  /** What proves the log; undefined for one in memory. Whoever asked closes the leaves. */
  openProof(): Proof | undefined;
}

export const auditServices = (config: Config, { auditIndex, store }: Runtime): AuditServices => ({
  index: auditIndex,
  store,
  archive: openArchiveReader(config),
  erasureList: openErasureList(config),
  openProof: () => (config.ephemeral ? undefined : openProof(config, store, requireMasterKey(config))),
});
