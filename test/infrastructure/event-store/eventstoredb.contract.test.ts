import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openEventStoreDb } from "../../../infrastructure/event-store/eventstoredb/index.ts";
import { type EventStoreDouble, startEventStoreDouble } from "../../support/eventstore-double/index.ts";
import { eventStoreContract } from "./contract.ts";
import { event, events, newStream, take } from "./events.ts";

const image = "eventstore/eventstore:24.10";
const given = process.env.DACAPO_TEST_EVENTSTORE_URL;
const docker = process.env.DOCKER_HOST !== undefined || (await answers("/var/run/docker.sock"));

/** Whether somebody listens there. */
async function answers(path: string): Promise<boolean> {
  const socket = connect({ path });
  const answered = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return answered;
}

let double: EventStoreDouble;
beforeAll(async () => {
  double = await startEventStoreDouble();
});
afterAll(() => double.kill());

eventStoreContract("eventstoredb, double", () => openEventStoreDb({ url: double.url }));

describe("a server without BatchAppend", () => {
  let old: EventStoreDouble;
  beforeAll(async () => {
    old = await startEventStoreDouble({ batch: false });
  });
  afterAll(() => old.kill());
  eventStoreContract("eventstoredb, double without batches", () => openEventStoreDb({ url: old.url }));
});

if (given !== undefined) {
  eventStoreContract("eventstoredb, server", () => openEventStoreDb({ url: given }));
} else if (docker) {
  describe("a server in a container", () => {
    let stop: () => Promise<unknown>;
    let url: string;
    beforeAll(async () => {
      const { GenericContainer, Wait } = await import("testcontainers");
      const container = await new GenericContainer(image)
        .withEnvironment({ EVENTSTORE_INSECURE: "true", EVENTSTORE_MEM_DB: "true" })
        .withExposedPorts(2113)
        .withWaitStrategy(Wait.forHttp("/health/live", 2113).forStatusCode(204))
        .start();
      stop = () => container.stop();
      url = `esdb://${container.getHost()}:${container.getMappedPort(2113)}?tls=false`;
    }, 180_000);
    afterAll(() => stop?.());
    eventStoreContract(`eventstoredb, ${image}`, () => openEventStoreDb({ url }));
  });
} else {
  console.log(`Not tried: ${image} (no Docker, and DACAPO_TEST_EVENTSTORE_URL is not set)`);
}

describe("a log in a database", () => {
  /** A database of its own. */
  async function database() {
    const own = await startEventStoreDouble();
    onTestFinished(() => own.kill());
    return own;
  }

  it("starts empty, and keeps its id and events", async () => {
    const { url } = await database();
    const first = await openEventStoreDb({ url });
    expect(first.logId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await first.lastPosition()).toBe(0n);
    expect(await first.readAll(0n, 10)).toEqual([]);
    await first.append("a", events(3), -1);
    const all = await first.readAll(0n, 10);
    expect(all).toHaveLength(3);
    await first.close();
    const second = await openEventStoreDb({ url });
    onTestFinished(() => second.close());
    expect(second.logId).toBe(first.logId);
    expect(await second.readAll(0n, 10)).toEqual(all);
    expect(await second.lastPosition()).toBe(all[2]?.position);
  });

  it("gets one id where many open it at the same time", async () => {
    const { url } = await database();
    const stores = await Promise.all(Array.from({ length: 5 }, () => openEventStoreDb({ url })));
    onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))));
    expect(new Set(stores.map(({ logId }) => logId)).size).toBe(1);
  });

  it("takes the id that it is given, and never another one", async () => {
    const { url } = await database();
    const logId = randomUUID();
    const store = await openEventStoreDb({ url, logId });
    onTestFinished(() => store.close());
    expect(store.logId).toBe(logId);
    const other = randomUUID();
    await expect(openEventStoreDb({ url, logId: other })).rejects.toThrow(
      `holds the log ${logId}, and cannot become the log ${other}`,
    );
    const again = await openEventStoreDb({ url, logId });
    await again.close();
    expect(await store.append("a", [event()], -1)).toMatchObject({ revision: 0 });
  });

  it("takes the time from the clock", async () => {
    const { url } = await database();
    const store = await openEventStoreDb({ url, clock: { now: () => 12_345 } });
    onTestFinished(() => store.close());
    await store.append("a", [event()], -1);
    expect(await store.readAll(0n, 1)).toMatchObject([{ time: 12_345 }]);
  });

  it("gives back exactly what it was given", async () => {
    const { url } = await database();
    const store = await openEventStoreDb({ url });
    onTestFinished(() => store.close());
    const full = event([null, "text", { version: 7, time: 8 }]);
    const metadata = { ...full.metadata, causationId: randomUUID(), traceparent: "00-1-2-03" };
    await store.append("a", [{ ...full, metadata, version: 3 }], -1);
    const [stored] = await store.read("a", { direction: "forwards", limit: 1 });
    expect(stored?.metadata).toEqual(metadata);
    expect(stored?.data).toEqual(full.data);
    expect(stored?.version).toBe(3);
  });

  it("shows nothing of what others keep in the database", async () => {
    const other = await database();
    await other.append("dacapo", 3);
    const store = await openEventStoreDb({ url: other.url });
    onTestFinished(() => store.close());
    expect(await store.lastPosition()).toBe(0n);
    const taken = take(store, 0n, 2);
    const { position } = await store.append("a", [event()], -1);
    await other.append("orders", 5_000);
    expect(await store.lastPosition()).toBe(position);
    expect(await store.readAll(position, 10)).toEqual([]);
    const last = await store.append("a", [event()], 0);
    await other.append("orders", 3);
    expect((await store.readAll(0n, 10)).map(({ revision }) => revision)).toEqual([0, 1]);
    expect(await store.lastPosition()).toBe(last.position);
    expect((await taken).map(({ revision }) => revision)).toEqual([0, 1]);
  });

  it("has a last position that readAll reaches, after a tombstone too", async () => {
    const { url } = await database();
    const store = await openEventStoreDb({ url });
    onTestFinished(() => store.close());
    const stream = newStream();
    const { position } = await store.append(stream, events(2), -1);
    await store.tombstone(stream, 1);
    expect(await store.lastPosition()).toBe(position);
  });
});

it("calls events erased once their stream was tombstoned and the server has scavenged", async () => {
  await using own = await startEventStoreDouble();
  const store = await openEventStoreDb({ url: own.url });
  onTestFinished(() => store.close());
  const [kept, hidden, ended] = [newStream(), newStream(), newStream()];
  await store.append(kept, events(2), -1);
  const { position: ofHidden } = await store.append(hidden, [event()], -1);
  const { position: ofEnded } = await store.append(ended, [event()], -1);
  await store.softDelete(hidden, 0);
  await store.tombstone(ended, 0);
  expect(await store.isErased([ofEnded])).toBe(false);
  await own.scavenge();
  expect(await store.isErased([ofEnded])).toBe(true);
  // The server keeps the last event of a stream that may go on.
  expect(await store.isErased([ofEnded, ofHidden])).toBe(false);
  expect(await store.read(kept, { direction: "forwards", limit: 10 })).toHaveLength(2);
});
