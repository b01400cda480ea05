import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { checkpointText, noteHash, originOf, parseCheckpoint } from "../../../domain/audit/checkpoint.ts";
import { leafHash, leafText } from "../../../domain/audit/leaf.ts";
import { parseNote } from "../../../domain/audit/note.ts";
import { createCheckpointKeys } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { begin, buildWorld, ring, type World } from "./verify-world.ts";

const built = temporaryFolder();
let whole: World;
beforeAll(async () => {
  whole = await buildWorld(join(built.path, "whole"));
});
afterAll(() => built[Symbol.dispose]());

/** A copy of the whole world, for a test to spoil. */
function copied(): World {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return whole.copyTo(join(folder.path, "copy"));
}

const noteFile = ({ checkpoints }: World, number: number) =>
  join(checkpoints, `${String(number).padStart(8, "0")}.checkpoint`);
const noteOf = (world: World, number: number) => readFileSync(noteFile(world, number), "utf8");

/** Signs a checkpoint anew with something changed, as who has the master key can. */
function resign(world: World, number: number, change: object, withRing = ring): void {
  const checkpoint = parseCheckpoint(parseNote(noteOf(world, number))?.text ?? "");
  if (!checkpoint) throw new Error("there is no checkpoint");
  const changed = { ...checkpoint, ...change };
  const keys = createCheckpointKeys(withRing, changed.origin);
  writeFileSync(noteFile(world, number), keys.sign(checkpointText(changed)));
}

describe("what nothing covers by a hash", () => {
  it("lets the name of a leaf that left for good reason speak for no other event", async () => {
    const world = copied();
    world.tamperLog("DELETE FROM events WHERE stream = 'stream-5'");
    world.tamperLeaves(
      "UPDATE leaves SET name = (SELECT name FROM leaves WHERE idx = 0) WHERE idx BETWEEN 64 AND 73",
    );
    const { found, findings } = await world.verify();
    expect(found).toBeGreaterThan(0);
    expect(findings.map(({ what }) => what)).toContain("missing");
  });

  it("is not compared with an empty copy outside, which is told", async () => {
    const { findings } = await copied().verify({ trusted: "\n" });
    expect(findings).toMatchObject([{ what: "trusted", message: expect.stringMatching(/no checkpoint/) }]);
  });
});

describe("what is as it was", () => {
  it("has no findings, and says what is removed, not kept yet and under no checkpoint", async () => {
    expect(await copied().verify()).toMatchObject({
      ...{ leaves: 426, from: 0, sound: 412, removed: 14, notYetKept: 2, uncovered: 10 },
      ...{ checkpoints: 2, newest: { number: 2, size: 416 }, archives: 1, absentArchives: [] },
      ...{ findings: [], found: 0 },
    });
  });

  it("may have its archives elsewhere, where that is said; one that is not there is a finding otherwise", async () => {
    const world = copied();
    rmSync(world.archive, { recursive: true });
    const { found, archives, absentArchives } = await world.verify({ hasArchivesElsewhere: true });
    expect([found, archives, absentArchives.length]).toEqual([0, 0, 1]);
    expect((await world.verify()).findings).toMatchObject([
      { what: "archive", message: expect.stringContaining("not in the folder"), position: 215n },
    ]);
  });

  it("is told when its proof begins, and when the oldest event was appended", async () => {
    const { provenSince = 0, oldestEvent = 0 } = await copied().verify();
    expect(oldestEvent).toBeGreaterThan(begin);
    expect(provenSince).toBeGreaterThan(oldestEvent);
  });

  it("is gone on with from the checkpoint that was verified last, and then finds what came after only", async () => {
    const world = copied();
    await world.verify();
    world.tamperLog("UPDATE events SET data = '{}' WHERE position IN (100, 420)");
    const report = await world.verify({ isIncremental: true });
    expect(report).toMatchObject({ from: 416, sound: 9, notYetKept: 2, found: 1 });
    expect(report.findings[0]).toMatchObject({ what: "changed", leaf: 419 });
    expect((await world.verify()).found).toBe(2);
  });

  it.each([
    ["is not that of the log any more", (world: World) => resign(world, 2, { time: begin + 1e9 })],
    ["is not signed", ({ checkpoints }: World) => writeFileSync(join(checkpoints, "verified"), "nothing")],
  ])("is verified from the start where the mark %s", async (_, spoil) => {
    const world = copied();
    await world.verify();
    spoil(world);
    expect((await world.verify({ isIncremental: true })).from).toBe(0);
  });
});

describe("what was tampered with is found, and located", () => {
  it.each<[string, (world: World) => void, object]>([
    [
      "a byte of an event",
      ({ tamperLog }) =>
        tamperLog(`UPDATE events SET data = replace(data, 'xx"', 'xy"') WHERE position = 101`),
      { what: "changed", leaf: 100, position: 101n, stream: "stream-8", revision: 6, type: "test.happened" },
    ],
    [
      "the time of an event",
      ({ tamperLog }) => tamperLog("UPDATE events SET time = time + 1 WHERE position = 101"),
      { what: "changed", leaf: 100, position: 101n },
    ],
    [
      "an event replaced by one of another stream",
      ({ tamperLog }) => tamperLog("UPDATE events SET stream = 'other' WHERE position = 101"),
      {
        what: "changed",
        message: expect.stringContaining("another event stands"),
        leaf: 100,
        stream: "other",
      },
    ],
    [
      "an event whose JSON is none any more",
      ({ tamperLog }) => tamperLog("UPDATE events SET data = '{' WHERE position = 101"),
      { what: "unreadable", leaf: 100, position: 101n, stream: "stream-8", revision: 6 },
    ],
    [
      "an event that is gone",
      ({ tamperLog }) => tamperLog("DELETE FROM events WHERE position = 101"),
      { what: "missing", leaf: 100, lastLeaf: 100, position: 101n },
    ],
    [
      "several that are gone",
      ({ tamperLog }) => tamperLog("DELETE FROM events WHERE position BETWEEN 101 AND 120"),
      { what: "missing", leaf: 100, lastLeaf: 119, position: 101n },
    ],
    [
      "the event that named what was removed",
      ({ tamperLog }) => tamperLog("DELETE FROM events WHERE type = 'erasure.requested'"),
      { what: "missing", leaf: 10, lastLeaf: 13 },
    ],
    [
      "an event put before all others, where only its stream would tell it",
      ({ tamperLog }) =>
        tamperLog(
          "INSERT INTO events SELECT -5, 'put-in', 0, type, version, 'id', time, data, metadata FROM events WHERE position = 101",
        ),
      { what: "inserted", position: -5n, stream: "put-in", id: "id" },
    ],
    [
      "an event put where one was removed",
      ({ tamperLog }) =>
        tamperLog(
          "INSERT INTO events SELECT 5, 'put-in', 0, type, version, 'id', time, data, metadata FROM events WHERE position = 101",
        ),
      { what: "changed", leaf: 4, position: 5n, stream: "put-in", id: "id" },
    ],
    [
      "the end that is cut off",
      ({ tamperLog }) => tamperLog("DELETE FROM events WHERE position > 400"),
      { what: "truncated", leaf: 400, lastLeaf: 425, position: 401n },
    ],
    [
      "a kept leaf",
      ({ tamperLeaves }) => tamperLeaves("UPDATE leaves SET hash = zeroblob(32) WHERE idx = 100"),
      { what: "leaf", leaf: 100, message: expect.stringContaining("kept leaf 100 was changed") },
    ],
    [
      "a kept leaf that is gone",
      ({ tamperLeaves }) => tamperLeaves("DELETE FROM leaves WHERE idx = 100"),
      {
        what: "leaf",
        leaf: 100,
        lastLeaf: 100,
        message: expect.stringContaining("the log has their events"),
      },
    ],
    [
      "a node",
      ({ tamperLeaves }) => tamperLeaves("UPDATE nodes SET hash = zeroblob(32)"),
      { what: "node", leaf: 0, lastLeaf: 255 },
    ],
    [
      "a checkpoint that is gone",
      (world) => rmSync(noteFile(world, 1)),
      { what: "checkpoint", message: "checkpoint 1 is not there" },
    ],
    [
      "a byte of a checkpoint",
      (world) => writeFileSync(noteFile(world, 2), noteOf(world, 2).replace("\n416\n", "\n415\n")),
      { what: "checkpoint", message: expect.stringContaining("checkpoint 2 is not what was signed") },
    ],
    [
      "a checkpoint signed by another master key",
      (world) => resign(world, 2, {}, parseKeyRing(generateMasterKey())),
      { what: "checkpoint", message: expect.stringContaining("checkpoint 2 is not what was signed") },
    ],
    [
      "a checkpoint in the place of another",
      (world) => writeFileSync(noteFile(world, 1), noteOf(world, 2)),
      { what: "checkpoint", message: "in the place of checkpoint 1 stands checkpoint 2" },
    ],
    [
      "a checkpoint that was signed again",
      (world) => resign(world, 1, { time: begin }),
      { what: "checkpoint", message: expect.stringContaining("names another checkpoint than 1") },
    ],
    [
      "a checkpoint older than the one before",
      (world) => resign(world, 2, { time: begin }),
      { what: "checkpoint", message: expect.stringContaining("older than checkpoint 1") },
    ],
    [
      "a root that was signed and is not that of the leaves",
      (world) => resign(world, 2, { root: Buffer.alloc(32) }),
      { what: "root", leaf: 214, lastLeaf: 415 },
    ],
    [
      "a checkpoint over more than there is",
      (world) => resign(world, 2, { size: 500 }),
      { what: "checkpoint", message: expect.stringContaining("covers 500 leaves, and only 426 are kept") },
    ],
    [
      "a byte of the archive",
      ({ archive }) => {
        const file = join(archive, readdirSync(archive)[0] ?? "");
        writeFileSync(file, readFileSync(file, "utf8").replace("test.happened", "test.happenes"));
      },
      {
        what: "archive",
        message: expect.stringContaining("another event than the one whose leaf 0 is kept"),
      },
    ],
  ])("%s", async (_, spoil, finding) => {
    const world = copied();
    spoil(world);
    const { findings, found } = await world.verify();
    expect(found).toBeGreaterThan(0);
    expect(findings).toContainEqual(expect.objectContaining(finding));
    // Nothing is remembered of a log in which something was found.
    expect(readdirSync(world.checkpoints)).not.toContain("verified");
  });

  it("two events in each other's place, each as the other's leaf", async () => {
    const world = copied();
    world.tamperLog(
      "UPDATE events SET position = -1 WHERE position = 101; UPDATE events SET position = 101 WHERE position = 150; UPDATE events SET position = 150 WHERE position = -1",
    );
    const { findings, found } = await world.verify();
    expect(found).toBe(2);
    expect(findings).toMatchObject([
      { what: "moved", leaf: 100, message: expect.stringContaining("is the one of leaf 149") },
      { what: "moved", leaf: 149, message: expect.stringContaining("is the one of leaf 100") },
    ]);
  });

  it("with the times of the events around it", async () => {
    const world = copied();
    world.tamperLog("DELETE FROM events WHERE position = 101");
    const [finding] = (await world.verify()).findings;
    // Ten events each were appended together.
    expect(finding).toMatchObject({ before: begin + 12_000, after: begin + 12_000 });
  });

  it("log and leaves rewritten alike, by the checkpoint that does not agree, between the two that could", async () => {
    const world = copied();
    world.tamperLog("UPDATE events SET data = '{}' WHERE position = 301");
    const [event] = world.events(300n, 1);
    if (!event) throw new Error("there is no event");
    const hash = Buffer.from(leafHash(leafText(300, event))).toString("hex");
    world.tamperLeaves(`UPDATE leaves SET hash = x'${hash}' WHERE idx = 300`);
    expect((await world.verify()).findings).toMatchObject([{ what: "root", leaf: 214, lastLeaf: 415 }]);
  });

  it("all kept leaves gone, by the checkpoints", async () => {
    const world = copied();
    rmSync(join(world.checkpoints, "leaves.db"));
    const { findings } = await world.verify();
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringContaining("checkpoint 1 covers 214 leaves, and only 0 are kept"),
      expect.stringContaining("checkpoint 2 covers 416 leaves, and only 0 are kept"),
    ]);
  });

  it("the newest checkpoint gone, by the mark of what was verified", async () => {
    const world = copied();
    await world.verify();
    rmSync(noteFile(world, 2));
    expect((await world.verify()).findings).toMatchObject([
      { what: "checkpoint", message: "checkpoint 2, which was verified before, is not there" },
    ]);
  });
});

describe("a copy of the checkpoints outside", () => {
  const outside = () => `${noteOf(whole, 1)}\n${noteOf(whole, 2)}\n`;

  it("agrees with what is as it was", async () => {
    const { found, checkpoints } = await copied().verify({ trusted: outside() });
    expect([found, checkpoints]).toEqual([0, 4]);
  });

  it("shows that the end was cut off everywhere", async () => {
    const world = copied();
    const trusted = outside();
    world.tamperLog("DELETE FROM events WHERE position > 300");
    world.tamperLeaves("DELETE FROM leaves WHERE idx >= 300; DELETE FROM nodes WHERE number > 0");
    rmSync(noteFile(world, 2));
    expect((await world.verify()).found).toBe(0);
    expect((await world.verify({ trusted })).findings).toMatchObject([
      {
        what: "trusted",
        message: "checkpoint 2 of the trusted copy is not kept here, which only the copy outside shows",
      },
      { what: "trusted", message: expect.stringContaining("what came after was cut off") },
    ]);
  });

  it("shows that the checkpoints were signed anew, though over the same leaves", async () => {
    const world = copied();
    const trusted = outside();
    resign(world, 1, { time: begin });
    resign(world, 2, { previous: noteHash(noteOf(world, 1)) });
    expect((await world.verify()).found).toBe(0);
    expect((await world.verify({ trusted })).findings.map(({ message }) => message)).toEqual([
      expect.stringContaining("checkpoint 1 of the trusted copy is not the one that is kept here"),
      expect.stringContaining("checkpoint 2 of the trusted copy is not the one that is kept here"),
    ]);
  });

  it("shows that all of it was made anew, by who has the master key", async () => {
    const trusted = outside();
    const folder = temporaryFolder();
    onTestFinished(() => folder[Symbol.dispose]());
    const forged = await buildWorld(join(folder.path, "forged"));
    const { logId } = JSON.parse(
      JSON.stringify({ logId: noteOf(whole, 1).split("\n")[0]?.split("/").at(-1) }),
    );
    forged.tamperLog(`UPDATE meta SET log_id = '${logId}'`);
    for (const number of [1, 2]) {
      const previous = number === 1 ? {} : { previous: noteHash(noteOf(forged, 1)) };
      resign(forged, number, { origin: originOf(logId), ...previous });
    }
    expect((await forged.verify()).found).toBe(0);
    expect((await forged.verify({ trusted })).findings.map(({ what, message }) => [what, message])).toEqual(
      [
        /1 of .* is not the one/,
        /2 of .* is not the one/,
        /checkpoint 1 .* another root/,
        /checkpoint 2 .* another root/,
      ].map((told) => ["trusted", expect.stringMatching(told)]),
    );
  });

  it("is nothing to be trusted where no key of this log signed it", async () => {
    const trusted = `${outside()}\n${noteOf(whole, 1).replace("\n214\n", "\n213\n")}`;
    expect((await copied().verify({ trusted })).findings).toMatchObject([
      { what: "trusted", message: expect.stringContaining("note 3 of the trusted copy") },
    ]);
  });
});
