import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EventStore, Unavailable } from "../../../application/ports/event-store.ts";
import {
  type Batch,
  type Checkpoint,
  type Fillable,
  parkedDocument,
  type ReadModels,
} from "../../../application/ports/read-models.ts";
import {
  epochIn,
  maxStaleness,
  metadata,
  openProjection,
  type Projection,
} from "../../support/projection.ts";

let projection: Projection;
beforeEach(async () => {
  projection = await openProjection();
});
afterEach(() => projection[Symbol.asyncDispose]());

const { signal } = new AbortController();

describe("a rebuild", () => {
  it("mends what was written wrongly", async () => {
    const { readModels, store, appendUser } = projection;
    const projector = projection.projector();
    for (let epoch = 0; epoch < 3; epoch += 1) await appendUser(epoch);
    await projector.catchUp(await store.lastPosition());
    const { position } = await readModels.checkpoint();
    const wrong = { collection: "users", id: "u_1", document: { epoch: 77 }, indexes: {}, expiresAt: null };
    await appendUser(3);
    await readModels.apply({ from: position, to: await store.lastPosition(), puts: [wrong], parks: [] });
    expect(await epochIn(readModels)).toBe(77);
    await projector.rebuild(signal, () => undefined);
    expect(await epochIn(readModels)).toBe(3);
  });

  it("ends while the log goes on growing, and the projector goes on over what took over", async () => {
    const { readModels, visibility, appendUser, stopping } = projection;
    const projector = projection.projector();
    void projector.run(stopping.signal);
    let epoch = 0;
    let isWriting = true;
    const writing = (async () => {
      while (isWriting) {
        expect(await visibility.wait(await appendUser(epoch), 2_000)).toBe(true);
        expect(await epochIn(readModels)).toBeGreaterThanOrEqual(epoch);
        epoch += 1;
      }
    })();
    for (let round = 0; round < 3; round += 1) await projector.rebuild(signal, () => undefined);
    isWriting = false;
    await writing;
    expect(await epochIn(readModels)).toBe(epoch - 1);
  });

  it("that was stopped is taken up by the next", async () => {
    const { store, readModels, appendUser } = projection;
    for (let epoch = 0; epoch < 2_200; epoch += 1) await appendUser(epoch);
    const projector = projection.projector();
    await projector.catchUp(await store.lastPosition());
    const stopping = new AbortController();
    const reached: bigint[] = [];
    const note = (position: bigint) => {
      reached.push(position);
      if (reached.length === 2) stopping.abort();
    };
    await expect(projector.rebuild(stopping.signal, note)).rejects.toThrow();
    expect(await epochIn(readModels)).toBe(2_199);
    await projector.rebuild(signal, note);
    expect(reached[2]).toBeGreaterThanOrEqual(reached[1] ?? 0n);
    expect(reached[2]).toBeGreaterThan(0n);
    expect(await epochIn(readModels)).toBe(2_199);
  });
});

describe("several pages that are under way at once", () => {
  it("are begun again from where one of them was refused", async () => {
    const { store, readModels, appendUser } = projection;
    for (let epoch = 0; epoch < 1_800; epoch += 1) await appendUser(epoch);
    const applied: [to: bigint, isApplied: boolean][] = [];
    const refusing: ReadModels = {
      ...readModels,
      async apply(batch) {
        const isApplied = applied.length !== 1 && (await readModels.apply(batch));
        applied.push([batch.to, isApplied]);
        return isApplied;
      },
    };
    await projection.projector(refusing).catchUp(await store.lastPosition());
    const outcomes = applied.map(([, isApplied]) => isApplied);
    expect(outcomes.slice(0, 5)).toEqual([true, false, false, false, true]);
    expect(applied[4]?.[0]).toBe(applied[1]?.[0]);
    expect(await epochIn(readModels)).toBe(1_799);
  });
});

describe("a page that is under way", () => {
  const times = { startedAt: 1, authenticatedAt: 1, lastSeenAt: 1, expiresAt: 9e12, absoluteExpiresAt: 9e12 };
  const session = {
    ...{ sessionId: "s_1", userId: "u_1", userEpoch: 0, kind: "browser", openedBy: null, origin: null },
    ...{ remembered: false, secretHash: "h".repeat(43), ...times },
  };

  it("is waited for before a stream is parked that it wrote of", async () => {
    const { store, log, readModels, appendUser } = projection;
    const sessions = { live: [session], endedOnPurpose: [], endedThrough: 0 };
    await log.append(
      "sessions-u_1",
      [{ type: "session.started", data: { session, sessions } }],
      -1,
      metadata,
    );
    for (let epoch = 0; epoch < 600; epoch += 1) await appendUser(epoch);
    const unknown = { id: crypto.randomUUID(), type: "session.frozen", version: 1, data: {}, metadata };
    await store.append("sessions-u_1", [unknown], 0);
    const slow: ReadModels = {
      ...readModels,
      async apply(batch) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return await readModels.apply(batch);
      },
    };
    await projection.projector(slow).catchUp(await store.lastPosition());
    expect(await readModels.getMany([{ collection: "sessions", id: "s_1" }])).toEqual([parkedDocument]);
  });

  it("and fails while the next one is read fails the whole, and nothing else", async () => {
    const { store, readModels, appendUser } = projection;
    for (let epoch = 0; epoch < 600; epoch += 1) await appendUser(epoch);
    const gone: ReadModels = { ...readModels, apply: () => Promise.reject(new Unavailable("gone")) };
    const slow: EventStore = {
      ...store,
      lastPosition: () => store.lastPosition(),
      async readAll(after, limit) {
        const events = await store.readAll(after, limit);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return events;
      },
    };
    await expect(projection.projector(gone, slow).catchUp(1n)).rejects.toThrow("gone");
  });
});

describe("read models of several parts", () => {
  /** Says of the checkpoint what `told` says. */
  const telling = (models: ReadModels, told: (seen: Checkpoint) => Checkpoint): ReadModels => ({
    ...models,
    checkpoint: async () => told(await models.checkpoint()),
  });

  it("that are uneven are levelled: the next batch ends where the nearest part is", async () => {
    const { readModels, store, appendUser } = projection;
    for (let epoch = 0; epoch < 5; epoch += 1) await appendUser(epoch);
    const batches: Batch[] = [];
    let isUneven = true;
    const uneven: ReadModels = {
      ...telling(readModels, (seen) => ({ ...seen, ahead: isUneven ? 3n : null })),
      async apply(batch) {
        batches.push(batch);
        isUneven = false;
        return await readModels.apply(batch);
      },
    };
    await projection.projector(uneven).catchUp(await store.lastPosition());
    expect(batches.map(({ from, to }) => [from, to])).toEqual([
      [0n, 3n],
      [3n, 5n],
    ]);
    expect(await epochIn(readModels)).toBe(4);
  });

  it("that came to another server are left alone until nobody believes the old one", async () => {
    const { readModels, store, appendUser } = projection;
    await appendUser(0);
    const movedAt = Date.now();
    const moved = telling(readModels, (seen) => ({ ...seen, movedAt }));
    const applied: number[] = [];
    const watched: Fillable & ReadModels = {
      ...moved,
      async apply(batch) {
        applied.push(Date.now());
        return await readModels.apply(batch);
      },
    };
    await projection.projector(watched).catchUp(await store.lastPosition());
    expect(applied[0]).toBeGreaterThanOrEqual(movedAt + maxStaleness);
  });
});
