import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createArchivedEvents } from "../../../application/audit/archived.ts";
import { explainToken } from "../../../application/audit/explain.ts";
import { buildIndex } from "../../../application/audit/index/build.ts";
import { timelineOf } from "../../../application/audit/timeline.ts";
import { applyRetention } from "../../../application/jobs/apply-retention.ts";
import type { AuditIndex } from "../../../application/ports/audit-index.ts";
import { sha256 } from "../../../domain/oauth/hash.ts";
import { formatRefreshToken } from "../../../domain/oauth/token-forms.ts";
import { createArchiveReader } from "../../../infrastructure/archive/archive-reader.ts";
import { createFileArchive } from "../../../infrastructure/archive/files.ts";
import { openAuditIndex } from "../../../infrastructure/audit/index-file.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../infrastructure/crypto/secrets.ts";
import { at, pending, redeemed, refreshToken } from "../../support/grant-events.ts";
import { type JobWorld, openJobWorld, undisturbed } from "../../support/job-world.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const grantId = "A".repeat(22);
const secret = "s".repeat(43);
const hash = "h".repeat(43);
const day = 86_400_000;

let world: JobWorld;
let folder: ReturnType<typeof temporaryFolder>;
let index: AuditIndex;
/** After the grant, before the retention, by the clock of the store. */
let then: number;
beforeEach(async () => {
  // The store gives events the time of its own clock.
  world = await openJobWorld({ retentionGrantDays: 10 }, at(0));
  folder = temporaryFolder();
  index = openAuditIndex({ file: ":memory:", logId: world.store.logId });
  const { accessToken, grant } = redeemed.data as never as { accessToken: object; grant: object };
  const own = { ...grant, grantId, refreshToken: { ...refreshToken(1, at(0)), hash: sha256(secret) } };
  await world.append(
    `grant-${grantId}`,
    { type: "grant.authorized", data: { grant: { ...pending, grantId, code: { ...pending.code, hash } } } },
    {
      type: "grant.code.redeemed",
      data: {
        accessToken: { ...accessToken, hash },
        grant: { ...own, accessTokens: [{ revision: 1, hash, expiresAt: at(900) }] },
      },
    },
  );
  await buildIndex(audit());
  await sleep(2);
  then = Date.now();
  await sleep(2);
  world.pass(100 * day);
  const { context } = world;
  await applyRetention(
    { ...context, keepLeaves: async () => true, archive: createFileArchive(folder.path, context.clock) },
    undisturbed(),
  );
  await buildIndex(audit());
});
afterEach(async () => {
  index.close();
  await world[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const audit = () => {
  const secrets = createSecrets(parseKeyRing(generateMasterKey()));
  const { store, context } = world;
  const archived = createArchivedEvents({ store, index, archive: createArchiveReader(folder.path) });
  const erasureList = { all: async () => [] };
  return {
    ...context,
    secrets,
    store,
    index,
    archived,
    erasureList,
    addressParts: () => undefined,
    tokens: {} as never,
  };
};

const explained = (time = then) =>
  explainToken(audit(), formatRefreshToken({ grantId, revision: 1, secret }), time);

const story = async () =>
  (await timelineOf(audit(), [`stream:grant-${grantId}`], { limit: 9, isFollowingCauses: false })).entries;

describe("what retention moved to the archive", () => {
  it("is told of as before", async () => {
    expect(await world.events(`grant-${grantId}`)).toEqual([]);
    expect((await story()).map(({ stored }) => stored?.type)).toEqual([
      "grant.authorized",
      "grant.code.redeemed",
    ]);
    const { reasons } = await explained();
    expect(reasons[0]).toMatchObject({ holds: true, event: `grant-${grantId}@1` });
  });

  it.each([
    ["is not there", (file: string) => rmSync(file)],
    [
      "was changed",
      (file: string) => writeFileSync(file, readFileSync(file, "utf8").replace("write", "admin")),
    ],
  ])("is not made up where its part of the archive %s", async (_, harm) => {
    for (const name of readdirSync(folder.path)) harm(join(folder.path, name));
    expect((await story()).map(({ indexed, stored }) => [indexed.type, stored])).toEqual([
      ["grant.authorized", undefined],
      ["grant.code.redeemed", undefined],
    ]);
    const { active, reasons } = await explained();
    expect(active).toBeNull();
    expect((await explained(Date.now())).active).toBe(false);
    expect(reasons.map(({ text }) => text).join("\n")).toMatch(
      /has left the log[\s\S]*retention: 1 streams moved/,
    );
  });
});
