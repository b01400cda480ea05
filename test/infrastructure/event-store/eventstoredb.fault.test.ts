import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type EventStore,
  StreamTombstoned,
  Unavailable,
  WrongExpectedRevision,
} from "../../../application/ports/event-store.ts";
import {
  type EventStoreDbOptions,
  openEventStoreDb,
} from "../../../infrastructure/event-store/eventstoredb/index.ts";
import { type EventStoreDouble, startEventStoreDouble } from "../../support/eventstore-double/index.ts";
import { event, events, newStream, take } from "./events.ts";

const forwards = { direction: "forwards", limit: 10_000 } as const;
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const impatient = { perTry: 300, total: 2_000 };

let double: EventStoreDouble;
beforeAll(async () => {
  double = await startEventStoreDouble();
});
afterEach(() => double.clearFaults());
afterAll(() => double.kill());

/** One that a test may do away with. */
async function ownDouble(): Promise<EventStoreDouble> {
  const own = await startEventStoreDouble();
  onTestFinished(() => own.kill());
  return own;
}

async function open(options: Partial<EventStoreDbOptions> = {}): Promise<EventStore> {
  const store = await openEventStoreDb({ url: double.url, patience: impatient, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** A store that has appended before, so that its first calls are made. */
async function start(options: Partial<EventStoreDbOptions> = {}) {
  const store = await open(options);
  await store.append(newStream(), [event()], -1);
  return { store, stream: newStream() };
}

describe("an append", () => {
  it.each([
    { kind: "dropAnswer" },
    { kind: "dropCall" },
    { kind: "breakAnswer" },
    { kind: "unavailable" },
    { kind: "notReady" },
    { kind: "notLeader" },
    { kind: "stall", ms: 600 },
  ] as const)("that meets $kind is made once", async (fault) => {
    const { store, stream } = await start();
    await double.fault("append", fault);
    const given = events(3);
    const result = await store.append(stream, given, -1);
    const there = await store.read(stream, forwards);
    expect(ids(there)).toEqual(ids(given));
    expect(result).toEqual({ revision: 2, position: there[2]?.position });
    if (fault.kind === "stall") await sleep(fault.ms);
    expect(await double.ids(`dacapo.${stream}`)).toEqual(ids(given));
  });

  it("that meets one fault after another is made once", async () => {
    const { store, stream } = await start();
    for (const kind of ["notReady", "dropAnswer", "unavailable", "notLeader"] as const) {
      await double.fault("append", { kind });
    }
    await double.fault("read", { kind: "unavailable" });
    const given = events(2);
    expect(await store.append(stream, given, -1)).toMatchObject({ revision: 1 });
    expect(await double.ids(`dacapo.${stream}`)).toEqual(ids(given));
  });

  it("is refused where another writer was first during the doubt", async () => {
    const { store, stream } = await start();
    await double.fault("append", { kind: "dropCall" });
    const lost = store.append(stream, [event()], -1);
    await sleep(100);
    await double.append(`dacapo.${stream}`, 2);
    await expect(lost).rejects.toThrow(WrongExpectedRevision);
    await expect(lost).rejects.toMatchObject({ stream, actual: 1 });
  });

  it("is answered as it was made where another writer came after it during the doubt", async () => {
    const { store, stream } = await start();
    await double.fault("append", { kind: "dropAnswer" });
    const doubted = store.append(stream, events(2), -1);
    await sleep(100);
    await double.append(`dacapo.${stream}`, 2);
    expect(await doubted).toMatchObject({ revision: 1 });
    expect(await double.ids(`dacapo.${stream}`)).toHaveLength(4);
  });

  it("goes on after hidden events, once, where its answer was lost", async () => {
    const { store, stream } = await start();
    await store.append(stream, events(3), -1);
    await store.softDelete(stream, 2);
    await double.fault("append", { kind: "dropAnswer" });
    expect(await store.append(stream, events(2), -1)).toMatchObject({ revision: 4 });
    expect(await double.ids(`dacapo.${stream}`)).toHaveLength(5);
  });

  it("is told that its stream is tombstoned", async () => {
    const { store, stream } = await start();
    await store.append(stream, [event()], -1);
    await store.tombstone(stream, 0);
    await double.fault("append", { kind: "dropCall" });
    await expect(store.append(stream, [event()], 0)).rejects.toThrow(StreamTombstoned);
  });

  it("of what JSON cannot hold holds nobody up", async () => {
    const { store, stream } = await start();
    const bad = store.append(stream, [event(), event({ amount: 1n })], -1);
    const good = numbers(20).map(() => store.append(newStream(), [event()], -1));
    await expect(bad).rejects.toThrow(TypeError);
    await Promise.all(good);
  });

  it("is unavailable within the limit where nothing is ever answered", async () => {
    const { store, stream } = await start();
    await double.fault("append", { kind: "dropCall" }, 100);
    const begun = performance.now();
    await expect(store.append(stream, [event()], -1)).rejects.toThrow(Unavailable);
    expect(performance.now() - begun).toBeLessThan(impatient.total + 500);
  });

  it("is made once for each of thousands while much goes wrong", async () => {
    const { store } = await start();
    await double.setChances({
      dropAnswers: 0.02,
      dropCalls: 0.02,
      breakAnswers: 0.02,
      stalls: 0.02,
      stallMs: 400,
    });
    const streams = numbers(40).map(newStream);
    const write = async (stream: string) => {
      for (let revision = -1; revision < 19; revision += 1) await persist(store, stream, revision);
    };
    await Promise.all(streams.map(write));
    await double.clearFaults();
    for (const stream of streams) {
      const there = await store.read(stream, forwards);
      expect(there.map(({ data }) => data)).toEqual(numbers(20));
    }
  });
});

/** As a command does it: what is unavailable is tried again under the same id. */
async function persist(store: EventStore, stream: string, revision: number): Promise<void> {
  const given = event(revision + 1);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    try {
      expect(await store.append(stream, [given], revision)).toMatchObject({ revision: revision + 1 });
      return;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}

describe("a deletion", () => {
  it.each([
    { kind: "dropAnswer" },
    { kind: "dropCall" },
    { kind: "breakAnswer" },
    { kind: "notLeader" },
  ] as const)("that meets $kind is made", async (fault) => {
    const { store, stream } = await start();
    await store.append(stream, events(2), -1);
    await double.fault("delete", fault);
    await store.softDelete(stream, 1);
    expect(await store.read(stream, forwards)).toEqual([]);
    await double.fault("delete", fault);
    await store.tombstone(stream, 1);
    await expect(store.append(stream, [event()], 1)).rejects.toThrow(StreamTombstoned);
  });

  it("is not refused for an append that came after it during the doubt", async () => {
    const { store, stream } = await start();
    await store.append(stream, events(2), -1);
    await double.fault("delete", { kind: "dropAnswer" });
    const doubted = store.softDelete(stream, 1);
    await sleep(100);
    await store.append(stream, [event()], 1);
    await doubted;
    expect((await store.read(stream, forwards)).map(({ revision }) => revision)).toEqual([2]);
  });
});

describe("a server that goes and comes back", () => {
  it("is used again where its first answer on a connection was an error of the transport", async () => {
    const own = await ownDouble();
    await own.fault("features", { kind: "internal" });
    const store = await open({ url: own.url });
    expect(await store.append(newStream(), [event()], -1)).toMatchObject({ revision: 0 });
  });

  it("is appended to and read again, and its subscribers lose nothing", async () => {
    const { store, stream } = await start();
    const after = await store.lastPosition();
    const taken = take(store, after, 400, (stored) => stored.stream === stream);
    const restarts = (async () => {
      for (let restart = 0; restart < 5; restart += 1) {
        await sleep(100);
        await double.restart();
      }
    })();
    for (let revision = -1; revision < 399; revision += 1) await persist(store, stream, revision);
    await restarts;
    expect((await taken).map(({ revision }) => revision)).toEqual(numbers(400));
    expect(await store.readAll(after, 1_000)).toHaveLength(400);
  });

  it("rejects nothing unheard when it breaks under a load", async () => {
    const { store } = await start();
    const appends = numbers(2_000).map(() => store.append(newStream(), [event()], -1));
    const settled = Promise.allSettled(appends);
    await double.restart();
    await sleep(20);
    await double.restart();
    for (const outcome of await settled) {
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Unavailable);
    }
    expect(await store.append(newStream(), [event()], -1)).toMatchObject({ revision: 0 });
  });

  it("rejects nothing unheard when it breaks while appends wait to be sent", async () => {
    const { store } = await start();
    const text = "x".repeat(100_000);
    const appends = numbers(300).map(() => store.append(newStream(), [event({ text })], -1));
    const settled = Promise.allSettled(appends);
    await sleep(20);
    await double.restart();
    for (const outcome of await settled) {
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Unavailable);
    }
  });

  it("may answer an append after another call of the same client has broken", async () => {
    const { store, stream } = await start({ patience: { perTry: 1_000, total: 4_000 } });
    await double.fault("append", { kind: "breakAnswer", ms: 300 });
    const onOldCall = store.append(stream, [event()], -1);
    await sleep(50);
    await double.fault("read", { kind: "notLeader" });
    await store.read(stream, forwards);
    await double.fault("append", { kind: "stall", ms: 600 });
    const onNewCall = store.append(newStream(), [event()], -1);
    expect(await Promise.all([onOldCall, onNewCall])).toMatchObject([{ revision: 0 }, { revision: 0 }]);
    await sleep(1_000);
  });

  it("is unavailable meanwhile, within the limit", async () => {
    const { store, stream } = await start();
    await double.stop();
    const begun = performance.now();
    await Promise.all([
      expect(store.append(stream, [event()], -1)).rejects.toThrow(Unavailable),
      expect(store.read(stream, forwards)).rejects.toThrow(Unavailable),
      expect(store.readAll(0n, 10)).rejects.toThrow(Unavailable),
      expect(store.lastPosition()).rejects.toThrow(Unavailable),
      expect(store.softDelete(stream, 0)).rejects.toThrow(Unavailable),
      expect(openEventStoreDb({ url: double.url, patience: impatient })).rejects.toThrow(Unavailable),
    ]);
    expect(performance.now() - begun).toBeLessThan(impatient.total + 1_000);
    await double.start();
    expect(await store.append(stream, [event()], -1)).toMatchObject({ revision: 0 });
  });

  it("fails a subscription in the end where it does not come back", async () => {
    const own = await ownDouble();
    const { store } = await start({ url: own.url });
    const taken = take(store, await store.lastPosition(), 1);
    await own.kill();
    await expect(taken).rejects.toThrow(Unavailable);
  });
});

describe("a read", () => {
  it.each([
    { kind: "dropCall" },
    { kind: "unavailable" },
    { kind: "notReady" },
    { kind: "notLeader" },
    { kind: "stall", ms: 500 },
  ] as const)("that meets $kind is made again", async (fault) => {
    const { store, stream } = await start();
    const after = await store.lastPosition();
    await store.append(stream, events(3), -1);
    await double.fault("read", fault);
    expect(await store.read(stream, forwards)).toHaveLength(3);
    await double.fault("read", fault);
    expect(await store.lastPosition()).toBeGreaterThan(after);
    await double.fault("subscribe", fault);
    expect(await store.readAll(after, 10)).toHaveLength(3);
    await double.fault("subscribe", fault);
    expect(await take(store, after, 3)).toHaveLength(3);
  });

  it("of the log goes by thousands of foreign events", async () => {
    const { store, stream } = await start();
    const after = await store.lastPosition();
    await double.append("foreign", 3_000);
    await store.append(stream, [event()], -1);
    await double.append("foreign", 3_000);
    await double.append("dacapo", 5);
    expect(await store.readAll(after, 100)).toHaveLength(1);
    const other = await open();
    expect(await other.lastPosition()).toBe(await store.lastPosition());
    const stopped = await other.lastPosition();
    expect(await other.readAll(stopped, 100)).toEqual([]);
  });
});

it("a log that ends before what was seen in it was set back, and nothing is said of its end any more", async () => {
  const own = await ownDouble();
  const store = await open({ url: own.url });
  for (let revision = -1; revision < 20; revision += 1) await store.append("a", [event()], revision);
  const end = await store.lastPosition();
  await own.setBack(5);
  await expect(store.lastPosition()).rejects.toThrow("it was set back");
  for (let revision = -1; revision < 40; revision += 1) await own.append("dacapo.b");
  await expect(store.lastPosition()).rejects.toThrow("it was set back");
  const restarted = await openEventStoreDb({ url: own.url.replace("127.0.0.1", "localhost") });
  onTestFinished(() => restarted.close());
  expect(await restarted.lastPosition()).not.toBe(end);
});

describe("a slow subscriber", () => {
  it("skips nothing, is not overrun, and gets batches", async () => {
    const { store, stream } = await start();
    const after = await store.lastPosition();
    for (let revision = -1; revision < 4_999; revision += 500) {
      await store.append(stream, events(500), revision);
    }
    const sizes: number[] = [];
    const taken: number[] = [];
    const ended = new AbortController();
    for await (const batch of store.subscribe(after, ended.signal)) {
      sizes.push(batch.length);
      taken.push(...batch.map(({ revision }) => revision));
      if (sizes.length === 3) await double.restart();
      await sleep(20);
      if (taken.length >= 5_000) ended.abort();
    }
    expect(taken).toEqual(numbers(5_000));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
    expect(sizes.length).toBeLessThan(40);
  });
});

describe("a cluster", () => {
  async function cluster(leader: number) {
    const doubles = await Promise.all(numbers(3).map(ownDouble));
    const lead = async (index: number) => {
      const members = doubles.map(({ port }, place) => ({ port, leader: place === index }));
      await Promise.all(doubles.map((double) => double.setMembers(members)));
    };
    await lead(leader);
    const hosts = doubles.map(({ port }) => `127.0.0.1:${port}`).join(",");
    return { doubles, lead, url: `esdb://${hosts}?tls=false&maxDiscoverAttempts=2&discoveryInterval=10` };
  }

  it("is written at its leader", async () => {
    const { doubles, url } = await cluster(1);
    const store = await openEventStoreDb({ url });
    onTestFinished(() => store.close());
    await store.append("a", [event()], -1);
    const there = await Promise.all(doubles.map((double) => double.ids("dacapo.a")));
    expect(there.map(({ length }) => length)).toEqual([0, 1, 0]);
  });

  it("is followed to its next leader", async () => {
    const { doubles, lead, url } = await cluster(0);
    const store = await openEventStoreDb({ url, patience: impatient });
    onTestFinished(() => store.close());
    await store.append("a", [event()], -1);
    await lead(2);
    await doubles[0]?.fault("append", { kind: "notLeader", port: doubles[2]?.port ?? 0 });
    await store.append("b", [event()], -1);
    expect(await doubles[2]?.ids("dacapo.b")).toHaveLength(1);
    await lead(1);
    await doubles[2]?.kill();
    await store.append("c", [event()], -1);
    expect(await doubles[1]?.ids("dacapo.c")).toHaveLength(1);
  });

  it("ends no process by an election: what fails beside the calls is handled", async () => {
    const own = await ownDouble();
    const host = `127.0.0.1:${own.port}`;
    const store = await openEventStoreDb({ url: `esdb://${host},${host}?tls=false&discoveryInterval=20` });
    onTestFinished(() => store.close());
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    await store.append("a", [event()], -1);
    const stopping = new AbortController();
    const taking = (async () => {
      for await (const _ of store.subscribe(0n, stopping.signal));
    })().catch(() => undefined);
    await sleep(200);
    await own.fault("read", { kind: "unavailable" });
    const reading = store.read("a", forwards).catch(() => undefined);
    await own.setMembers([]);
    await sleep(60);
    await own.stop();
    await reading;
    await sleep(500);
    await own.start();
    await own.setMembers([{ port: own.port, leader: true }]);
    expect(await store.read("a", forwards)).toHaveLength(1);
    stopping.abort();
    await taking;
    expect(rejections).toEqual([]);
  });

  it("is found again after all of it was gone", async () => {
    const { doubles, url } = await cluster(0);
    const store = await openEventStoreDb({ url, patience: impatient });
    onTestFinished(() => store.close());
    await Promise.all(doubles.map((double) => double.stop()));
    for (const _ of numbers(2)) {
      await expect(store.append("a", [event()], -1)).rejects.toThrow(Unavailable);
    }
    await Promise.all(doubles.map((double) => double.start()));
    expect(await store.append("a", [event()], -1)).toMatchObject({ revision: 0 });
  });
});

describe("an address", () => {
  it.each([
    ["postgres://me:secret@127.0.0.1:1"],
    ["esdb://me:secret@127.0.0.1:port?tls=false"],
    ["esdb://me:secret@127.0.0.1:1?tls=perhaps"],
    ["esdb://me:secret@127.0.0.1:1?colour=blue"],
    ["esdb://me:secret@127.0.0.1:1?throwOnAppendFailure=false"],
  ])("%s is refused without a credential in the error", async (url) => {
    const error = await openEventStoreDb({ url }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(Unavailable);
    expect((error as Error).message).toContain("the address of the event store");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/secret|me:/);
  });
});
