import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { makeCheckpoint } from "../../../application/audit/proof/checkpoint.ts";
import type { EventStore } from "../../../application/ports/event-store.ts";
import { originOf } from "../../../domain/audit/checkpoint.ts";
import { createCheckpointFiles } from "../../../infrastructure/audit/checkpoint-files.ts";
import { openKeptLeaves } from "../../../infrastructure/audit/kept-leaves.ts";
import { createCheckpointKeys } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { openEphemeralEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const metadata = { actor: "system", correlationId: "test" };

/** Appends so many events to a stream. */
export async function append(store: EventStore, stream: string, count: number): Promise<void> {
  const [last] = await store.read(stream, { direction: "backwards", limit: 1 });
  const events = Array.from({ length: count }, (_, index) => ({
    ...{ id: randomUUID(), type: "test.happened", version: 1, metadata },
    data: { index },
  }));
  await store.append(stream, events, last?.revision ?? -1);
}

/** A log in memory, and in a temporary folder what proves it. */
export async function openProofWorld() {
  const store = await openEphemeralEventStore();
  const folder = temporaryFolder();
  const leaves = openKeptLeaves(join(folder.path, "leaves.db"));
  const checkpoints = createCheckpointFiles(folder.path);
  const keys = createCheckpointKeys(parseKeyRing(generateMasterKey()), originOf(store.logId));
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const proof = { store, leaves, checkpoints, keys, clock: { now: Date.now }, warn };
  return {
    ...{ store, leaves, checkpoints, keys, proof, warn, warnings, folder: folder.path },
    sign: () => makeCheckpoint(proof),
    async [Symbol.asyncDispose]() {
      await store.close();
      await leaves.close();
      folder[Symbol.dispose]();
    },
  };
}
