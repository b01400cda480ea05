import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { retryParked } from "../../../application/commands/retry-parked.ts";
import { createDocuments, ref } from "../../../application/documents.ts";
import { catalog } from "../../../application/events/catalog.ts";
import { createFreshness, type Freshness } from "../../../application/freshness.ts";
import type { Policy } from "../../../application/policy.ts";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createBatches } from "../../../application/projector/batches.ts";
import { parkedIn } from "../../../application/projector/parking.ts";
import { systemClock as clock } from "../../../infrastructure/clock.ts";
import { metadata, openProjection, type Projection, user } from "../../support/projection.ts";

let projection: Projection;
let freshness: Freshness;
beforeEach(async () => {
  projection = await openProjection();
  const { readModels, stopping } = projection;
  freshness = createFreshness(readModels, clock, 2_000);
  void projection.projector().run(stopping.signal);
  void freshness.watch(stopping.signal);
  await expect.poll(() => freshness.isFresh(), { timeout: 3_000 }).toBe(true);
});
afterEach(() => projection[Symbol.asyncDispose]());

/** Appends what this version cannot read, as a newer version or a damaged disk would leave it. */
async function appendPoison(stream: string, revision: number, type = "user.merged", version = 1) {
  const event = { id: crypto.randomUUID(), type, version, data: { user: user(revision) }, metadata };
  return (await projection.store.append(stream, [event], revision - 1)).position;
}

/** Completes the ending of a user. */
async function appendClosure(id: string, epoch: number) {
  const closure = { what: "user", id, epoch, grants: 0, completedAt: clock.now() };
  const event = {
    id: crypto.randomUUID(),
    type: "closure.completed",
    version: 1,
    data: { closure },
    metadata,
  };
  return (await projection.store.append(`closure-user-${id}-${epoch}`, [event], -1)).position;
}

const documents = () => createDocuments(projection.readModels, projection.log, freshness);
const isVisible = (position: bigint) => projection.visibility.wait(position, 2_000);
const parked = async () => [...(await parkedIn(projection.readModels)).keys()];
const retry = (stream: string | null) =>
  retryParked(
    {
      log: projection.log,
      clock,
      visibility: projection.visibility,
      policy: { visibilityLimit: 2_000 } as Policy,
    },
    stream,
    metadata,
  );

describe("an event that cannot be projected", () => {
  it.each([
    ["of an unknown type", "user.merged", 1],
    ["of a newer version", "user.password_changed", 9],
    ["that breaks its schema", "user.signed_out_everywhere", 1],
  ])("%s parks its stream, and a wait counts as visible", async (_, type, version) => {
    await projection.appendUser(0);
    expect(await isVisible(await appendPoison("user-u_1", 1, type, version))).toBe(true);
    expect(await parked()).toEqual(["user-u_1"]);
    expect(projection.parked).toEqual(["user-u_1"]);
    expect(projection.failures).toEqual([]);
  });

  it("is answered from the log: 503 while that cannot be read, then the truth, never what was before it", async () => {
    await projection.appendUser(0);
    await isVisible(await appendPoison("user-u_1", 1));
    await expect(documents().load([ref.user("u_1")])).rejects.toThrow(Unavailable);
    expect(await isVisible(await projection.appendUser(2))).toBe(true);
    expect((await documents().load([ref.user("u_1")]))[0]?.epoch).toBe(2);
    expect(await documents().fromReadModels([ref.user("u_1")])).toBeUndefined();
  });

  it("stops nothing in other streams", async () => {
    await appendPoison("user-u_2", 0);
    expect(await isVisible(await projection.appendUser(0))).toBe(true);
    expect((await documents().fromReadModels([ref.user("u_1")]))?.[0]?.epoch).toBe(0);
  });

  it("parks what follows in its stream too, also for a projector that comes later", async () => {
    await projection.appendUser(0);
    await isVisible(await appendPoison("user-u_1", 1));
    const { readModels, store } = projection;
    const second = projection.projector();
    await projection.appendUser(2);
    await second.catchUp(await store.lastPosition());
    expect(await documents().fromReadModels([ref.user("u_1")])).toBeUndefined();
    expect(await parkedIn(readModels)).toHaveProperty("size", 1);
  });

  it("is parked in a part that lags too: a note of one that is ahead says nothing of it", async () => {
    const { store, readModels, stopping } = projection;
    stopping.abort();
    const before = (await readModels.checkpoint()).position;
    const to = await appendPoison("user-u_1", 0);
    const events = await store.readAll(before, 9);
    const at = { position: before, incarnation: "any" };
    const make = async () => {
      const batches = await createBatches(store, readModels, before, () => undefined);
      return await batches.make(at, events, to);
    };
    const first = await make();
    expect(first.parks).toEqual([{ collection: "users", id: "u_1" }]);
    // What a part that is ahead holds already.
    const { incarnation, position } = await readModels.checkpoint();
    await readModels.apply({ ...first, from: position, to: position, incarnation });
    expect(await make()).toEqual(first);
  });

  describe("and is retried", () => {
    it("stays parked while it cannot be read", async () => {
      await isVisible(await appendPoison("user-u_1", 0));
      await retry(null);
      expect(await parked()).toEqual(["user-u_1"]);
    });

    it("is projected, with what followed it, once this version can read it", async () => {
      await projection.appendUser(0);
      await appendPoison("user-u_1", 1);
      await appendPoison("user-u_2", 0);
      await isVisible(await projection.appendUser(2));
      // What an upgrade brings: a schema of the unknown type.
      const types = catalog as Record<string, unknown>;
      types["user.merged"] = { version: 1, schema: z.looseObject({}) };
      try {
        await retry("user-u_1");
        expect(await parked()).toEqual(["user-u_2"]);
        expect((await documents().fromReadModels([ref.user("u_1")]))?.[0]?.epoch).toBe(2);
        await isVisible(await projection.appendUser(3));
        expect((await documents().fromReadModels([ref.user("u_1")]))?.[0]?.epoch).toBe(3);
        await retry(null);
        expect(await parked()).toEqual([]);
      } finally {
        delete types["user.merged"];
      }
    });
  });

  it("opens nothing again, when it is mended, that was done before: the ending of a user is another stream's too", async () => {
    const closures = () => projection.readModels.list("closures", { index: ["open", "yes"], limit: 10 });
    await projection.appendUser(0);
    await projection.appendUser(1);
    expect(await isVisible(await appendClosure("u_1", 1))).toBe(true);
    expect(await closures()).toEqual([]);
    await isVisible(await appendPoison("user-u_1", 2));
    await projection.appendUser(3);
    const known = { "user.merged": { version: 1, schema: z.unknown() } };
    Object.assign(catalog, known);
    try {
      await retry(null);
      expect(await parked()).toEqual([]);
      const open = await closures();
      expect(open.map(({ id }) => id)).toEqual(["user-u_1-3"]);
    } finally {
      delete (catalog as Record<string, unknown>)["user.merged"];
    }
  });

  it("in an erasure parks it with the user, who is answered from the log: there is none any more", async () => {
    const { store, log } = projection;
    const erased = { userId: "u_9", scopes: [], epoch: 1, status: "erased" as const, erasedAt: 7 };
    const erasure = { user: erased, removed: [], reservation: null, positions: [], completedAt: null };
    await log.append("erasure-u_9", [{ type: "erasure.requested", data: { erasure } }], -1, metadata);
    await isVisible(await store.lastPosition());
    expect((await documents().load([ref.user("u_9")]))[0]).toEqual(erased);
    await isVisible(await appendPoison("erasure-u_9", 1, "erasure.paused"));
    expect(await documents().fromReadModels([ref.user("u_9")])).toBeUndefined();
    expect((await documents().load([ref.user("u_9")]))[0]).toBeUndefined();
  });

  it("in a user's sessions parks every session of that user", async () => {
    const { log, store } = projection;
    const started = (sessionId: string, live: readonly unknown[]) => {
      const session = {
        sessionId,
        userId: "u_1",
        userEpoch: 0,
        kind: "browser",
        openedBy: null,
        origin: null,
        remembered: false,
        secretHash: "h".repeat(43),
      };
      const times = {
        startedAt: 1,
        authenticatedAt: 1,
        lastSeenAt: 1,
        expiresAt: 9e12,
        absoluteExpiresAt: 9e12,
      };
      const whole = { ...session, ...times };
      return {
        type: "session.started",
        data: { session: whole, sessions: { live: [...live, whole], endedOnPurpose: [], endedThrough: 0 } },
      };
    };
    const first = started("s_1", []);
    const second = started("s_2", first.data.sessions.live);
    await log.append("sessions-u_1", [first], -1, metadata);
    await log.append("sessions-u_1", [second], 0, metadata);
    await isVisible(await appendPoison("sessions-u_1", 2, "session.frozen"));
    for (const id of ["s_1", "s_2"])
      expect(await documents().fromReadModels([ref.session("u_1", id, 0)])).toBeUndefined();
    const event = { ...second, data: { ...second.data } };
    const end = await log.append("sessions-u_1", [event], 2, metadata);
    await isVisible(end.position);
    expect((await documents().load([ref.session("u_1", "s_2", 0)]))[0]?.isLive).toBe(true);
    expect(await store.lastPosition()).toBe(end.position);
  });
});
