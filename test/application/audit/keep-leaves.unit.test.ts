import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keepLeaves } from "../../../application/audit/proof/keep-leaves.ts";
import { rootAt } from "../../../application/audit/proof/kept-tree.ts";
import { copyLog } from "../../../application/copy-log.ts";
import { createFrontier } from "../../../domain/audit/frontier.ts";
import { idName, leafHash, leafText, revisionName } from "../../../domain/audit/leaf.ts";
import { openKeptLeaves } from "../../../infrastructure/audit/kept-leaves.ts";
import { openEphemeralEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { append, openProofWorld } from "./proof-world.ts";

const metadata = { actor: "system", correlationId: "test" };

describe("keeping leaves", () => {
  it("takes in each event once, by its number among all, and goes on from there", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 3);
    expect(await keepLeaves(world)).toEqual({ size: 3 });
    await append(world.store, "two", 2);
    expect(await keepLeaves(world)).toEqual({ size: 5 });
    const events = await world.store.readAll(0n, 10);
    expect(await world.leaves.read(0, 10)).toEqual(
      events.map((event, index) => ({
        index,
        position: event.position,
        name: Uint8Array.from(revisionName(event.stream, event.revision)),
        hash: Uint8Array.from(leafHash(leafText(index, event))),
      })),
    );
  });

  it("names the reservation of a name by its event alone, whose stream would tell the name", async () => {
    await using world = await openProofWorld();
    const event = { id: "the-id", type: "username.reserved", version: 1, data: {}, metadata };
    await world.store.append("username-ada", [event], -1);
    await keepLeaves(world);
    const [leaf] = await world.leaves.read(0, 1);
    expect(leaf?.name).toEqual(Uint8Array.from(idName("the-id")));
  });

  it("keeps what any root takes, at every size", async () => {
    await using world = await openProofWorld();
    for (let stream = 0; stream < 11; stream += 1) await append(world.store, `stream-${stream}`, 60);
    await keepLeaves(world);
    const frontier = createFrontier();
    for (const { index, hash } of await world.leaves.read(0, 1_000)) {
      frontier.append(hash);
      if (index % 7 === 0) expect(await rootAt(world.leaves, index + 1)).toEqual(frontier.root());
    }
    expect(await world.leaves.hashes(8, 0, 2)).toHaveLength(2);
    await expect(world.leaves.hashes(8, 0, 3)).rejects.toThrow("some are missing at level 8");
  });

  it("by several at once is as by one", async () => {
    await using world = await openProofWorld();
    for (let stream = 0; stream < 50; stream += 1) await append(world.store, `stream-${stream}`, 60);
    const others = [1, 2].map(() => openKeptLeaves(join(world.folder, "leaves.db")));
    const kept = await Promise.all(
      [world.leaves, ...others].map((leaves) => keepLeaves({ ...world, leaves })),
    );
    expect(kept).toEqual([{ size: 3_000 }, { size: 3_000 }, { size: 3_000 }]);
    for (const leaves of others) await leaves.close();
    const frontier = createFrontier();
    for (const { hash } of await world.leaves.read(0, 10_000)) frontier.append(hash);
    expect(await rootAt(world.leaves, 3_000)).toEqual(frontier.root());
  });

  it("ends where it is told to", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 3);
    expect(await keepLeaves(world, AbortSignal.abort())).toEqual({ size: 0 });
  });

  it("takes in nothing, and says so, where the log went back or another event stands there", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 3);
    await keepLeaves(world);
    const older = await openEphemeralEventStore();
    await append(older, "one", 2);
    const { size, fault } = await keepLeaves({ ...world, store: older });
    expect([size, fault]).toEqual([3, expect.stringContaining("the log ends at position 2")]);
    await append(older, "one", 5);
    expect((await keepLeaves({ ...world, store: older })).fault).toContain(
      "another event stands at position 3",
    );
    expect(await world.leaves.size()).toBe(3);
    await older.close();
  });
});

describe("the leaves of a log that was copied to another engine", () => {
  it("get their places there, those of removed events too, and go on", async () => {
    await using world = await openProofWorld();
    await append(world.store, "before", 3);
    await append(world.store, "one", 3);
    await append(world.store, "gone", 2);
    await append(world.store, "two", 2);
    await keepLeaves(world);
    await world.store.softDelete("before", 2);
    await world.store.softDelete("gone", 1);
    await append(world.store, "three", 2);
    const copy = await openEphemeralEventStore();
    await copyLog(world.store, copy, () => undefined, new AbortController().signal);
    await append(copy, "four", 1);
    const hashes = (await world.leaves.read(0, 100)).map(({ hash }) => hash);
    await world.leaves.close();

    const leaves = openKeptLeaves(join(world.folder, "leaves.db"), "another");
    expect(await leaves.isPlaced()).toBe(false);
    expect(await keepLeaves({ store: copy, leaves })).toEqual({ size: 13 });
    expect(await leaves.isPlaced()).toBe(true);
    const kept = await leaves.read(0, 100);
    expect(kept.map(({ position }) => position)).toEqual(
      [0, 0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8].map((position) => BigInt(position)),
    );
    expect(kept.slice(0, 10).map(({ hash }) => hash)).toEqual(hashes);
    await leaves.close();
    await copy.close();
  });
});
