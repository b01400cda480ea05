import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeCheckpoint } from "../../../application/audit/proof/checkpoint.ts";
import { keepLeaves } from "../../../application/audit/proof/keep-leaves.ts";
import { rootAt } from "../../../application/audit/proof/kept-tree.ts";
import { checkProof, proveEvent } from "../../../application/audit/proof/prove.ts";
import { findEvent, parseEventName } from "../../../application/audit/proof/prove-find.ts";
import { checkGrowth, proveGrowth } from "../../../application/audit/proof/prove-growth.ts";
import { checkpointText, noteHash, originOf } from "../../../domain/audit/checkpoint.ts";
import { formatGrowth, formatProof, parseGrowth, parseProof } from "../../../domain/audit/proof.ts";
import { append, openProofWorld } from "./proof-world.ts";

const { signal } = new AbortController();

describe("a checkpoint", () => {
  it("is signed where the log grew, over all that is kept, and names the one before", async () => {
    await using world = await openProofWorld();
    expect(await world.sign()).toBeUndefined();
    await append(world.store, "one", 3);
    const first = await world.sign();
    expect(first).toMatchObject({ isNew: true, checkpoint: { number: 1, size: 3, previous: undefined } });
    expect(await world.sign()).toMatchObject({ isNew: false, note: first?.note });
    await append(world.store, "one", 2);
    const second = await world.sign();
    expect(second?.checkpoint).toMatchObject({ number: 2, size: 5, root: await rootAt(world.leaves, 5) });
    expect(second?.checkpoint.previous).toEqual(noteHash(first?.note ?? ""));
  });

  it("is never older than the one before, though the clock steps back", async () => {
    await using world = await openProofWorld();
    const at = async (now: number) => {
      await append(world.store, "one", 1);
      return (await makeCheckpoint({ ...world.proof, clock: { now: () => now } }))?.checkpoint.time;
    };
    expect([await at(2_000), await at(1_000)]).toEqual([2_000, 2_000]);
  });

  it("is written once, whoever is first", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 3);
    const made = await Promise.all([1, 2, 3].map(() => world.sign()));
    expect(new Set(made.map((one) => one?.note)).size).toBe(1);
    expect(made.filter((one) => one?.isNew)).toHaveLength(1);
    const files = readdirSync(world.folder).filter((name) => !name.startsWith("leaves.db"));
    expect(files).toEqual(["00000001.checkpoint"]);
  });

  it("is refused where what was signed is not what is kept, or what is signed was not signed", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 3);
    await world.sign();
    await append(world.store, "one", 1);
    const others = { ...world.leaves, hashes: async () => [Buffer.alloc(32), Buffer.alloc(32)] };
    const signOver = makeCheckpoint({ ...world.proof, leaves: others });
    await expect(signOver).rejects.toThrow("the kept leaves are not those that checkpoint 1 covers");
    writeFileSync(join(world.folder, "00000001.checkpoint"), "nothing");
    await expect(world.sign()).rejects.toThrow("checkpoint 1 is not what was signed");
  });

  it("is refused beside those of another log, which may be the same one under another id", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 3);
    const checkpoints = { ...world.checkpoints, others: async () => ["another"] };
    await expect(makeCheckpoint({ ...world.proof, checkpoints })).rejects.toThrow(/another log \(another\)/);
    expect(await world.checkpoints.newest()).toBe(0);
  });

  it("that is the first is told of, and no other", async () => {
    await using world = await openProofWorld();
    for (const count of [3, 1]) {
      await append(world.store, "one", count);
      await world.sign();
    }
    expect(world.warnings).toEqual([expect.stringContaining("first checkpoint")]);
  });
});

describe("a proof", () => {
  it("of any event holds by the key alone, as text too", async () => {
    await using world = await openProofWorld();
    for (let stream = 0; stream < 6; stream += 1) await append(world.store, `stream-${stream}`, 50);
    await world.sign();
    const origin = originOf(world.store.logId);
    for (const event of await world.store.readAll(0n, 1_000)) {
      if (event.position % 13n !== 0n) continue;
      const proof = await proveEvent(world, event);
      const proven = checkProof(parseProof(formatProof(proof)) ?? proof, world.keys, origin);
      expect(proven.event).toMatchObject({ id: event.id, stream: event.stream, data: event.data });
    }
  });

  it("does not hold where anything in it was changed", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 9);
    await world.sign();
    const [event] = await world.store.readAll(4n, 1);
    if (!event) throw new Error("there is no event");
    const proof = await proveEvent(world, event);
    const origin = originOf(world.store.logId);
    const check = (change: object, of = origin) => checkProof({ ...proof, ...change }, world.keys, of);
    expect(check({}).event.id).toBe(event.id);
    for (const change of [
      { leaf: proof.leaf.replace('"index":4', '"index":5') },
      { leaf: proof.leaf.replace("[4,", "[5,") },
      { index: 5 },
      { index: 9 },
      { hashes: proof.hashes.slice(1) },
      { hashes: proof.hashes.toReversed() },
      { note: proof.note.replace("\n9\n", "\n8\n") },
      { note: "" },
    ])
      expect(() => check(change)).toThrow();
    expect(() => check({}, "another log")).toThrow("one of another log");
    const text = formatProof(proof);
    for (const wrong of [
      "",
      text.replace("@v1", "@v2"),
      text.replace(/extra .*\n/, ""),
      text.replace("index 4", "index 04"),
    ])
      expect(parseProof(wrong)).toBeUndefined();
  });

  it("is not there before a checkpoint covers the event, nor of an event that was changed", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 2);
    const [event] = await world.store.readAll(0n, 1);
    if (!event) throw new Error("there is no event");
    await expect(proveEvent(world, event)).rejects.toThrow("no checkpoint covers this event yet");
    await keepLeaves(world);
    await expect(proveEvent(world, event)).rejects.toThrow("dacapo audit checkpoint");
    await world.sign();
    await expect(proveEvent(world, { ...event, data: {} })).rejects.toThrow("not what was kept of it");
  });

  it("is of the event that is named by position, by stream and revision, or by id", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one@home", 3);
    const events = await world.store.readAll(0n, 10);
    const find = (name: string) => findEvent(world.store, parseEventName(name), signal, () => undefined);
    for (const event of events) {
      expect(await find(String(event.position))).toEqual(event);
      expect(await find(`one@home@${event.revision}`)).toEqual(event);
      expect(await find(event.id)).toEqual(event);
    }
    for (const name of ["9", "one@home@9", "two@0", "no-such-id"]) expect(await find(name)).toBeUndefined();
  });
});

describe("a proof of growth", () => {
  it("holds from every earlier checkpoint to the newest, by those and the key alone", async () => {
    await using world = await openProofWorld();
    const notes: string[] = [];
    for (const count of [1, 2, 5, 300]) {
      await append(world.store, "one", count);
      notes.push((await world.sign())?.note ?? "");
    }
    const origin = originOf(world.store.logId);
    for (const [index, note] of notes.entries()) {
      const text = formatGrowth(await proveGrowth(world, note));
      const proof = parseGrowth(text);
      if (!proof) throw new Error("this is no proof");
      expect(checkGrowth(proof, `${notes[0]}\n${note}`, world.keys, origin)).toMatchObject({
        earlier: { number: index + 1 },
        later: { number: 4, size: 308 },
      });
    }
  });

  it("does not hold from a checkpoint of another past, nor with anything changed", async () => {
    await using world = await openProofWorld();
    await append(world.store, "one", 3);
    const first = await world.sign();
    await append(world.store, "one", 4);
    const second = await world.sign();
    if (!first || !second) throw new Error("there is no checkpoint");
    const origin = originOf(world.store.logId);
    const forged = world.keys.sign(checkpointText({ ...first.checkpoint, root: Buffer.alloc(32) }));
    await expect(proveGrowth(world, forged)).rejects.toThrow("not the one any more");
    await expect(proveGrowth(world, "nothing")).rejects.toThrow("not signed by a key of this log");
    const proof = await proveGrowth(world, first.note);
    const check = (change: object, earlier = first.note) =>
      checkGrowth({ ...proof, ...change }, earlier, world.keys, origin);
    expect(check({}).later.size).toBe(7);
    for (const change of [{ old: 2 }, { hashes: [] }, { note: first.note }, { note: "" }])
      expect(() => check(change)).toThrow();
    expect(() => check({}, forged)).toThrow("does not begin with");
    expect(() => check({}, second.note)).toThrow("another checkpoint");
    expect(parseGrowth("old 3")).toBeUndefined();
  });
});
