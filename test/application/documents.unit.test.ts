import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDocuments, ref } from "../../application/documents.ts";
import type { Freshness, Trust } from "../../application/freshness.ts";
import type { Log } from "../../application/log.ts";
import { type EventStore, Unavailable } from "../../application/ports/event-store.ts";
import type { ReadModels } from "../../application/ports/read-models.ts";
import { openSqliteReadModels } from "../../infrastructure/read-models/sqlite/sqlite-read-models.ts";
import { epochIn, openProjection, type Projection, user } from "../support/projection.ts";

let projection: Projection;
let store: EventStore;
let readModels: ReadModels;
let log: Log;
let projectorOver: Projection["projector"];
let appendUser: Projection["appendUser"];

beforeEach(async () => {
  projection = await openProjection();
  ({ store, readModels, log } = projection);
  ({ projector: projectorOver, appendUser } = projection);
});
afterEach(() => projection[Symbol.asyncDispose]());

describe("documents", () => {
  const trusting = (trust: Trust | undefined): Freshness => ({
    isFresh: () => trust !== undefined,
    fault: () => undefined,
    trust: () => trust,
    clockSkew: () => 0,
    look: async () => undefined,
    watch: async () => undefined,
  });
  /** Documents of read models that are believed as they answer now. */
  const believing = async (models = readModels) =>
    createDocuments(models, log, trusting({ incarnation: (await models.checkpoint()).incarnation }));

  it("come from the read models while those are fresh, however far the log has gone on", async () => {
    await projectorOver(readModels).catchUp(await appendUser(0));
    await appendUser(1);
    const [found] = await (await believing()).load([ref.user("u_1")]);
    expect(found?.epoch).toBe(0);
  });

  it("come from the log where the read models are stale or lack them; nothing is never an answer", async () => {
    await projectorOver(readModels).catchUp(await appendUser(0));
    await appendUser(1);
    const documents = createDocuments(readModels, log, trusting(undefined));
    const [stale] = await documents.load([ref.user("u_1")]);
    expect(stale?.epoch).toBe(1);
    const empty = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation: "g" });
    await empty.beat(0n, (await empty.checkpoint()).incarnation);
    expect(await epochIn(empty)).toBeUndefined();
    const [missing, unknown] = await (await believing(empty)).load([ref.user("u_1"), ref.user("u_2")]);
    expect(missing?.epoch).toBe(1);
    expect(unknown).toBeUndefined();
    await empty.close();
  });

  it("come from the log while the read models are being built, whatever those hold already", async () => {
    await appendUser(0);
    const [event] = await store.readAll(0n, 1);
    const half = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation: "g" });
    const put = { collection: "users", id: "u_1", document: { ...user(0) }, indexes: {}, expiresAt: null };
    await half.apply({ from: 0n, to: event?.position ?? 0n, puts: [put], parks: [] });
    await appendUser(1);
    const documents = await believing(half);
    expect(await documents.fromReadModels([ref.user("u_1")])).toBeUndefined();
    expect((await documents.load([ref.user("u_1")]))[0]?.epoch).toBe(1);
    await half.close();
  });

  it("come from the log where another server answers than the one that is believed (I5)", async () => {
    await projectorOver(readModels).catchUp(await appendUser(0));
    await appendUser(1);
    const documents = createDocuments(readModels, log, trusting({ incarnation: "the one before" }));
    expect(await documents.fromReadModels([ref.user("u_1")])).toBeUndefined();
    expect((await documents.load([ref.user("u_1")]))[0]?.epoch).toBe(1);
    await expect(documents.list(ref.user, { limit: 9 })).rejects.toThrow(Unavailable);
  });

  it("are not told where neither can be read (I13)", async () => {
    const gone: Log = { ...log, last: () => Promise.reject(new Unavailable("gone")) };
    const documents = createDocuments(readModels, gone, trusting(undefined));
    await expect(documents.load([ref.user("u_1")])).rejects.toThrow(Unavailable);
  });
});
