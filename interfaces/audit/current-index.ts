import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildIndex, type IndexDependencies } from "../../application/audit/index/build.ts";
import type { AuditIndex } from "../../application/ports/audit-index.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import { openAuditIndex } from "../../infrastructure/audit/index-file.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { addressParts } from "../../infrastructure/network/addresses.ts";

/** Where the index of a deployment lies. */
export const indexFile = ({ dataDir, ephemeral }: Pick<Config, "dataDir" | "ephemeral">): string =>
  ephemeral ? ":memory:" : join(dataDir, "audit.db");

/** Opens the index of a deployment's log; `patience` is how long the thread may wait for others, ms. @throws {Unavailable} */
export const openIndex = (
  config: Pick<Config, "dataDir" | "ephemeral">,
  logId: string,
  patience?: number,
): AuditIndex =>
  openAuditIndex({ file: indexFile(config), logId, ...(patience === undefined ? {} : { patience }) });

/** What an index is made from. */
export type Sources = Omit<IndexDependencies, "index" | "addressParts">;

/** The audit index of a process that serves: opened when it is first asked for, and brought up to date in small steps. */
export interface CurrentIndex {
  /** The index with all that the log held when this was called. @throws {Unavailable} where that takes longer than 2 s */
  ready(): Promise<IndexDependencies>;
  /** Takes in what the log got since, however long that takes; waits for it until the signal is aborted. */
  catchUp(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** How long a question waits for the index, in milliseconds; it goes on meanwhile. */
const patience = 2_000;
/** How long the thread waits for a command that writes the index, in milliseconds: requests wait with it. */
const lockPatience = 5;
/** Events that are taken in between two turns of the event loop: a few milliseconds. */
const pageSize = 100;

/** Builds it over the log of a deployment. */
export function createCurrentIndex(config: Config, logId: string, sources: Sources): CurrentIndex {
  const stopping = new AbortController();
  let dependencies: IndexDependencies | undefined;
  let building: Promise<void> | undefined;
  /** A build that began before the question may have read the end of the log before it. */
  let next: Promise<void> | undefined;

  const opened = (): IndexDependencies => {
    dependencies ??= { ...sources, addressParts, index: openIndex(config, logId, lockPatience) };
    return dependencies;
  };

  const build = () => buildIndex(opened(), { signal: stopping.signal, pageSize });

  function start(): Promise<void> {
    const run: Promise<void> = build()
      .then(() => undefined)
      .finally(() => {
        if (building === run) building = undefined;
      });
    run.catch(() => undefined); // whoever waits for it is told
    building = run;
    return run;
  }

  function fresh(): Promise<void> {
    if (!building) return start();
    next ??= building
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  }

  return {
    async ready() {
      const found = opened();
      const built = fresh().then(() => true);
      if (await Promise.race([built, sleep(patience, false, { ref: false })])) return found;
      const { events } = found.index.checkpoint();
      throw new Unavailable(`the audit index is being built: it holds ${events} events so far`);
    },
    async catchUp(signal) {
      const { promise: aborted, resolve } = Promise.withResolvers<void>();
      const stop = () => resolve();
      signal.addEventListener("abort", stop);
      try {
        await Promise.race([fresh(), aborted]);
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    async close() {
      stopping.abort();
      await Promise.allSettled([building, next]);
      dependencies?.index.close();
    },
  };
}
