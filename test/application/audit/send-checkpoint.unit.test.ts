import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../../application/audit/proof/checkpoint.ts";
import { sendCheckpoint } from "../../../application/audit/proof/send-checkpoint.ts";
import { keepCheckpoints } from "../../../application/jobs/keep-proof.ts";
import type { CheckpointCopies, Lying } from "../../../application/ports/checkpoints.ts";
import { type Checkpoint, checkpointText, originOf } from "../../../domain/audit/checkpoint.ts";
import { undisturbed } from "../../support/job-world.ts";
import { append, openProofWorld } from "./proof-world.ts";

const { signal } = new AbortController();

/** What a text means: nothing lies there where it is empty, and undefined cannot be read. */
const lyingOf = (text: string | undefined): Lying =>
  text === undefined ? "unreadable" : text === "" ? "nothing" : { text };

/** A log with two checkpoints, and a place outside that holds a text, or cannot be read. */
async function openSending(lies = "") {
  const world = await openProofWorld();
  const notes: string[] = [];
  for (const count of [3, 2]) {
    await append(world.store, "one", count);
    notes.push((await world.sign())?.note ?? "");
  }
  world.warnings.length = 0;
  const sent: [note: string, isFirst: boolean][] = [];
  const place: CheckpointCopies & { id: string; lies: string | undefined } = {
    id: "place",
    lies,
    read: async () => lyingOf(place.lies),
    send: async (note: string, isFirst: boolean) => void sent.push([note, isFirst]),
  };
  const [first = "", second = ""] = notes;
  return {
    ...{ world, first, second, sent, place },
    send: () => sendCheckpoint(world.proof, place, signal),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

describe("sending a checkpoint", () => {
  it("happens once, again where it failed, and is kept here whatever comes of that", async () => {
    await using world = await openProofWorld();
    const sent: string[] = [];
    let isReachable = false;
    const copies = {
      id: "place",
      read: async () => lyingOf(sent.join("\n")),
      async send(note: string) {
        if (!isReachable) throw new Error("unreachable");
        sent.push(note);
      },
    };
    const keep = () => keepCheckpoints({ ...world.proof, copies }, undisturbed());
    await append(world.store, "one", 1);
    await expect(keep()).rejects.toThrow("unreachable");
    expect(await world.checkpoints.newest()).toBe(1);
    isReachable = true;
    await keep();
    await keep();
    await sendCheckpoint(world.proof, copies, signal);
    expect(sent).toEqual([await world.checkpoints.read(1)]);
    await sendCheckpoint(
      world.proof,
      { ...copies, id: "another", read: async () => "nothing" as const },
      signal,
    );
    expect(sent).toHaveLength(2);
  });

  it.each([
    ["nothing lies there", "", true],
    ["nobody can tell what does", undefined, false],
  ])("gets the newest one there where %s", async (_what, lies, isFirst) => {
    await using sending = await openSending();
    sending.place.lies = lies;
    await sending.send();
    expect(sending.sent).toEqual([[sending.second, isFirst]]);
    expect(sending.world.warnings).toEqual(isFirst ? [] : [expect.stringContaining("without a look")]);
    sending.place.lies = lies === "" ? sending.second : lies;
    expect(await sending.send()).toBe(false);
    expect(sending.sent).toHaveLength(1);
  });

  it("goes on from an earlier one, however its lines end and whoever signed it too", async () => {
    await using sending = await openSending();
    const cosigned = `${sending.first}— witness.example ${Buffer.alloc(68).toString("base64")}\n`;
    for (const lies of [sending.first, sending.first.replaceAll("\n", "\r\n"), cosigned]) {
      sending.place.lies = lies;
      sending.place.id = lies;
      await sending.send();
    }
    expect(sending.sent.map(([note]) => note)).toEqual([sending.second, sending.second, sending.second]);
  });

  it("sends nothing where it lies there, or a later one that another process sent", async () => {
    await using sending = await openSending();
    const { world, place, first, second } = sending;
    place.lies = `${first}\n${second}`;
    await sending.send();
    expect(sending.sent).toEqual([]);
    expect(await world.checkpoints.marked("sent")).toBe(second);
    place.id = "another";
    const lagging = { ...world.checkpoints, newest: async () => 1 };
    await sendCheckpoint({ ...world.proof, checkpoints: lagging }, place, signal);
    expect(sending.sent).toEqual([]);
  });

  it.each(["dacapo/lo", "whole origin", "half", "zeros"])(
    "is not kept from one that was cut off there: %s",
    async (how) => {
      await using sending = await openSending();
      const { first, place } = sending;
      const cut: Record<string, string> = {
        "dacapo/lo": "dacapo/lo",
        "whole origin": first.slice(0, first.indexOf("\n") + 1),
        half: first.slice(0, first.length / 2),
        zeros: "\0".repeat(100),
      };
      place.lies = cut[how];
      await sending.send();
      expect(sending.sent).toHaveLength(1);
    },
  );

  it("says where what was sent does not lie there any more", async () => {
    await using sending = await openSending();
    const { world } = sending;
    await sending.send();
    await append(world.store, "one", 1);
    const third = await world.sign();
    await sending.send();
    expect(sending.sent.at(-1)).toEqual([third?.note, false]);
    expect(world.warnings).toEqual([expect.stringContaining("do not lie there any more")]);
  });
});

describe("the witness outside is kept", () => {
  const refusedOver = async (lies: string) => {
    await using sending = await openSending(lies);
    await expect(sending.send()).rejects.toThrow("Nothing is sent");
    expect(sending.sent).toEqual([]);
    expect(await sending.world.checkpoints.marked("sent")).toBeUndefined();
  };

  it.each([
    ["was signed anew", (checkpoint: Checkpoint) => ({ ...checkpoint, root: Buffer.alloc(32) })],
    ["is not kept here", (checkpoint: Checkpoint) => ({ ...checkpoint, number: 7 })],
  ])("where one of several that lie there %s", async (_what, change) => {
    await using sending = await openSending();
    const { world, first, place } = sending;
    const checkpoint = openCheckpoint(first, world.keys, originOf(world.store.logId))?.checkpoint;
    if (!checkpoint) throw new Error("there is no checkpoint");
    place.lies = `${world.keys.sign(checkpointText(change(checkpoint)))}\n${first}`;
    await expect(sending.send()).rejects.toThrow("is not the one that is kept here");
    expect(sending.sent).toEqual([]);
  });

  it("where it is no checkpoint of this log", async () => {
    await using another = await openSending();
    await refusedOver(another.first);
    await refusedOver("<html>");
  });

  it("where it cannot be read any more", async () => {
    await using sending = await openSending();
    const { world, place } = sending;
    await sending.send();
    await append(world.store, "one", 1);
    await world.sign();
    place.lies = undefined;
    await expect(sending.send()).rejects.toThrow("could be read before");
    expect(sending.sent).toHaveLength(1);
  });
});
