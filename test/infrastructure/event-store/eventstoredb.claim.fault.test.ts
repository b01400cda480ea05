import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { type EventStore, Unavailable } from "../../../application/ports/event-store.ts";
import {
  type EventStoreDbOptions,
  openEventStoreDb,
  readClaim,
} from "../../../infrastructure/event-store/eventstoredb/index.ts";
import { type EventStoreDouble, startEventStoreDouble } from "../../support/eventstore-double/index.ts";
import { event, newStream } from "./events.ts";

const patience = { perTry: 200, total: 1_000 };

async function startDouble(): Promise<EventStoreDouble> {
  const double = await startEventStoreDouble();
  onTestFinished(() => double.kill());
  return double;
}

async function open(
  { url }: EventStoreDouble,
  claim: string,
  options: Partial<EventStoreDbOptions> = {},
): Promise<EventStore> {
  const store = await openEventStoreDb({ url, claim, patience, ...options });
  onTestFinished(() => store.close());
  return store;
}

const append = (store: EventStore) => store.append(newStream(), [event()], -1);

it("is held by one, and named to the others", async () => {
  const double = await startDouble();
  expect(await readClaim({ url: double.url })).toBeUndefined();
  const store = await open(double, "one");
  await append(store);
  await expect(open(double, "two")).rejects.toThrow("the event store is in use by one");
  await expect(open(double, "two")).rejects.not.toBeInstanceOf(Unavailable);
  expect(await readClaim({ url: double.url })).toBe("one");
  await append(store);
});

it("is won by exactly one of many", async () => {
  const double = await startDouble();
  const settled = await Promise.allSettled(["a", "b", "c", "d", "e"].map((holder) => open(double, holder)));
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

it("is free as soon as its holder closes", async () => {
  const double = await startDouble();
  await (await open(double, "one")).close();
  expect(await readClaim({ url: double.url })).toBeUndefined();
  await append(await open(double, "two"));
});

it("does not belong to the log", async () => {
  const double = await startDouble();
  const store = await open(double, "one");
  expect(await store.readAll(0n, 10)).toEqual([]);
  expect(await store.lastPosition()).toBe(0n);
});

it("is renewed, and expires by the server's clock where it is not", async () => {
  const double = await startDouble();
  const store = await open(double, "one", { claimTimes: { renewEvery: 100, validFor: 30_000 } });
  await double.setClockOffset(29_000);
  await sleep(300);
  await double.setClockOffset(40_000);
  await expect(open(double, "two")).rejects.toThrow("in use by one");
  await append(store);
});

it("is taken over from one who does not renew it", async () => {
  const double = await startDouble();
  const dead = await open(double, "dead", { claimTimes: { renewEvery: 1_000_000, validFor: 30_000 } });
  await double.setClockOffset(31_000);
  expect(await readClaim({ url: double.url })).toBeUndefined();
  await append(await open(double, "next"));
  expect(await readClaim({ url: double.url })).toBe("next");
  await dead.close();
  expect(await readClaim({ url: double.url })).toBe("next");
});

it("is taken over by the same holder at once; who had it before appends no more", async () => {
  const double = await startDouble();
  const claimTimes = { renewEvery: 100, validFor: 30_000 };
  const before = await open(double, "one", { claimTimes });
  await append(before);
  const now = await open(double, "one", { claimTimes });
  await sleep(300);
  await expect(append(before)).rejects.toThrow("taken over");
  await expect(append(before)).rejects.toThrow(Unavailable);
  await append(now);
  await before.close();
  await sleep(200);
  await append(now);
});

it("is not relied on where it could not be renewed for long, and again when it could", async () => {
  const double = await startDouble();
  const store = await open(double, "one", { claimTimes: { renewEvery: 50, validFor: 600 } });
  await append(store);
  await double.stop();
  await sleep(700);
  await expect(append(store)).rejects.toThrow("could not be renewed");
  await double.start();
  await expect
    .poll(
      () =>
        append(store).then(
          () => true,
          () => false,
        ),
      { timeout: 5_000 },
    )
    .toBe(true);
});

it("survives renewals whose answers are lost", async () => {
  const double = await startDouble();
  const store = await open(double, "one", { claimTimes: { renewEvery: 50, validFor: 30_000 } });
  await double.fault("append", { kind: "dropAnswer" }, 3);
  await sleep(1_500);
  await append(store);
  await double.fault("append", { kind: "dropAnswer" }, 1);
  await double.fault("read", { kind: "dropCall" }, 100);
  await sleep(1_500);
  await double.clearFaults();
  await sleep(1_500);
  await append(store);
});
