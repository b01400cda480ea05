import { describe, expect, it } from "vitest";
import type { Context } from "../../../application/context.ts";
import { removeExpiredDocuments } from "../../../application/jobs/remove-expired-documents.ts";
import { scheduleJobs } from "../../../application/jobs/schedule.ts";
import type { Archive } from "../../../application/ports/archive.ts";
import type { JobRun } from "../../../application/ports/jobs.ts";
import { createEphemeralErasureList } from "../../../infrastructure/archive/erasure-list.ts";
import { createCheckpointFiles } from "../../../infrastructure/audit/checkpoint-files.ts";
import { openKeptLeaves } from "../../../infrastructure/audit/kept-leaves.ts";
import { createCheckpointKeys } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { openJobWorld, stoppedAfter, undisturbed } from "../../support/job-world.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const archive: Archive = {
  write: () => Promise.reject(new Error("nothing is to be archived")),
  discard: async () => undefined,
};

describe("the jobs of a deployment", () => {
  it("are scheduled under names of their own, and find nothing to do in an empty log", async () => {
    await using world = await openJobWorld();
    await world.project();
    using folder = temporaryFolder();
    const proof = {
      ...{ store: world.store, leaves: openKeptLeaves(":memory:"), clock: world.context.clock },
      warn: () => undefined,
      checkpoints: createCheckpointFiles(folder.path),
      keys: createCheckpointKeys(parseKeyRing(generateMasterKey()), "test"),
      ...{ copies: undefined, signedEvery: 60_000 },
    };
    const works = new Map<string, (run: JobRun) => Promise<void>>();
    const schedule = async (name: string, interval: number, work: (run: JobRun) => Promise<void>) => {
      expect(interval).toBeGreaterThanOrEqual(10_000);
      works.set(name, work);
    };
    await scheduleJobs(
      world.context as unknown as Context,
      { schedule },
      {
        ...{ store: world.store, archive, erasureList: createEphemeralErasureList(), proof },
        keepLeaves: async () => true,
        index: async () => undefined,
      },
    );
    expect([...works.keys()]).toEqual([
      "signing keys",
      "closures",
      "expired sessions",
      "expired documents",
      "erasures",
      "audit index",
      "retention",
      "leaves",
      "checkpoints",
    ]);
    for (const [name, work] of works) if (name !== "signing keys") await work(undisturbed());
    expect(await world.store.lastPosition()).toBe(0n);
  });
});

describe("the removal of expired documents", () => {
  async function cleaned(left: number, run: JobRun): Promise<readonly number[]> {
    await using world = await openJobWorld();
    const asked: number[] = [];
    let remaining = left;
    const readModels: Context["readModels"] = {
      ...world.readModels,
      async clean(now, limit) {
        expect(now).toBe(world.context.clock.now());
        const removed = Math.min(limit, remaining);
        remaining -= removed;
        asked.push(removed);
        return removed;
      },
    };
    await removeExpiredDocuments({ ...world.context, readModels }, run);
    return asked;
  }

  it("goes on in small transactions until none is left", async () => {
    expect(await cleaned(2_500, undisturbed())).toEqual([1_000, 1_000, 500]);
    expect(await cleaned(0, undisturbed())).toEqual([0]);
  });

  it("stops when it is told to", async () => {
    expect(await cleaned(5_000, stoppedAfter(2))).toEqual([1_000, 1_000]);
  });
});
