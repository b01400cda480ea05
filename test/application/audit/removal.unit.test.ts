import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepLeaves } from "../../../application/audit/proof/keep-leaves.ts";
import { verifyLog } from "../../../application/audit/verify/verify.ts";
import { eraseUser } from "../../../application/commands/erase-user.ts";
import { applyRetention } from "../../../application/jobs/apply-retention.ts";
import { createArchiveReader } from "../../../infrastructure/archive/archive-reader.ts";
import { createEphemeralErasureList } from "../../../infrastructure/archive/erasure-list.ts";
import { createFileArchive } from "../../../infrastructure/archive/files.ts";
import { createCheckpointFiles } from "../../../infrastructure/audit/checkpoint-files.ts";
import { openKeptLeaves } from "../../../infrastructure/audit/kept-leaves.ts";
import { openVerifyScratch } from "../../../infrastructure/audit/verify-scratch.ts";
import { createNoteVerifier } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { ended, pending } from "../../support/grant-events.ts";
import { type JobWorld, openJobWorld, undisturbed } from "../../support/job-world.ts";
import { user } from "../../support/projection.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const hash = "h".repeat(43);
/** That of the user in `projection.ts`. */
const usernameIndex = "i".repeat(43);
const metadata = { actor: "operator", correlationId: "test" };

let world: JobWorld;
let folder: ReturnType<typeof temporaryFolder>;
let leaves: ReturnType<typeof openKeptLeaves>;
beforeEach(async () => {
  world = await openJobWorld({ retentionGrantDays: 10 });
  folder = temporaryFolder();
  leaves = openKeptLeaves(":memory:");
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await leaves.close();
  folder[Symbol.dispose]();
});

const keep = async () => (await keepLeaves({ store: world.store, leaves })).fault === undefined;
const archiveFolder = () => join(folder.path, "archive");

async function verify() {
  const scratch = openVerifyScratch();
  const { store } = world;
  const report = await verifyLog(
    {
      ...{ store, leaves, scratch, keys: createNoteVerifier([]) },
      checkpoints: createCheckpointFiles(folder.path),
      archive: createArchiveReader(archiveFolder()),
    },
    {
      isIncremental: false,
      trusted: undefined,
      hasArchivesElsewhere: false,
      ...undisturbed(),
      progress: () => undefined,
    },
  );
  scratch.close();
  return report;
}

describe("what leaves the log was kept before, though nobody kept it until then", () => {
  it("in a retention", async () => {
    const over = { ...ended("operator", 0, 1), grantId: "g" };
    await world.append(
      "grant-g",
      {
        type: "grant.authorized",
        data: { grant: { ...pending, grantId: "g", code: { ...pending.code, hash } } },
      },
      { type: "grant.revoked", data: { grant: over } },
    );
    world.pass(100 * 86_400_000);
    await applyRetention(
      {
        ...world.context,
        keepLeaves: keep,
        archive: createFileArchive(archiveFolder(), world.context.clock),
      },
      undisturbed(),
    );
    expect(await world.events("grant-g")).toEqual([]);
    expect(await verify()).toMatchObject({ leaves: 3, sound: 1, removed: 2, archives: 1, found: 0 });
  });

  it("and is no retention that passes where the archive does not hold it", async () => {
    await world.append("grant-g", {
      type: "grant.authorized",
      data: { grant: { ...pending, grantId: "g", code: { ...pending.code, hash } } },
    });
    await keep();
    const archive = createFileArchive(archiveFolder(), world.context.clock);
    // An empty part of the archive, rightly named: whoever may append can say that anything was moved there.
    const archived = await archive.write((async function* () {})());
    const streams = [{ stream: "grant-g", revision: 0, events: 1 }];
    await world.append("retention", {
      type: "retention.applied",
      data: { streams, archive: archived, at: 0 },
    });
    await world.store.softDelete("grant-g", 0);
    const { found, findings } = await verify();
    expect(found).toBe(1);
    expect(findings[0]).toMatchObject({ what: "archive", leaf: 0 });
  });

  it("and is no erasure that passes for what is not the erased person's", async () => {
    const grant = { ...pending, grantId: "g", code: { ...pending.code, hash } };
    await world.append("grant-g", { type: "grant.authorized", data: { grant } });
    await keep();
    const gone = { userId: "ada", scopes: [], epoch: 1, status: "erased", erasedAt: 0 };
    const removed = [{ stream: "grant-g", revision: 0 }];
    const erasure = { user: gone, removed, reservation: null, positions: [], completedAt: null };
    await world.append("erasure-ada", { type: "erasure.requested", data: { erasure } });
    await world.store.softDelete("grant-g", 0);
    expect((await verify()).findings[0]).toMatchObject({ what: "missing", leaf: 0 });
  });

  it("and no retention goes on where the leaves are those of another log", async () => {
    const over = { ...ended("operator", 0, 1), grantId: "g" };
    await world.append("grant-g", { type: "grant.revoked", data: { grant: over } });
    world.pass(100 * 86_400_000);
    const archive = createFileArchive(archiveFolder(), world.context.clock);
    await applyRetention({ ...world.context, keepLeaves: async () => false, archive }, undisturbed());
    expect(await world.events("grant-g")).toHaveLength(1);
  });

  it("in an erasure", async () => {
    const ada = { ...user(0), userId: "ada", usernameIndex };
    await world.append(`username-${usernameIndex}`, {
      type: "username.reserved",
      data: { reservation: { userId: "ada", reservedAt: 0 } },
    });
    await world.append("user-ada", { type: "user.registered", data: { user: ada } });
    const [reservation] = await world.events(`username-${usernameIndex}`);
    const erasure = {
      ...{ user: { userId: "ada", scopes: [], epoch: 1, status: "erased", erasedAt: 0 }, completedAt: null },
      ...{
        removed: [{ stream: "user-ada", revision: 0 }],
        reservation: reservation?.id,
        positions: ["1", "2"],
      },
    };
    await world.append("erasure-ada", { type: "erasure.requested", data: { erasure } });
    const dependencies = { ...world.context, erasureList: createEphemeralErasureList(), keepLeaves: keep };
    expect(await eraseUser(dependencies, "ada", metadata)).toBe("complete");
    expect(await verify()).toMatchObject({ leaves: 3, sound: 1, removed: 2, notYetKept: 1, found: 0 });
  });
});
