import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { Driver, type Target } from "../driver.ts";
import { size } from "../fault-size.ts";
import { type Run, underLoad } from "../under-load.ts";

const chances = {
  dropCalls: 0.02,
  dropAnswers: 0.04,
  breakAnswers: 0.04,
  stalls: 0.05,
  stallMs: 300,
  unavailable: 0.02,
};

/** Calls and answers are lost or late, the store is restarted, another one is said to lead. */
export async function unreliable(run: Run): Promise<void> {
  const { store } = run.deployment;
  await underLoad("unreliable store", run, async () => {
    await store.setChances(chances);
    await sleep(size.seconds * 500);
    await store.fault("append", { kind: "notLeader" }, 3);
    await store.fault("read", { kind: "notReady" }, 3);
    await store.fault("subscribe", { kind: "unavailable" }, 2);
    await store.restart();
    await sleep(size.seconds * 500);
    await store.clearFaults();
  });
}

/** The store takes no writes: 503 is the answer to what must be written, and introspection goes on. */
export async function withoutWrites(run: Run): Promise<void> {
  const { store, apis, machine } = run.deployment;
  await underLoad("no writes", run, async (_random, load) => {
    const driver = new Driver(apis[0]?.target as Target, load.history);
    const token = (await driver.clientCredentials(machine)).body.access_token ?? "";
    await store.fault("append", { kind: "dropCall" }, 100_000);
    let isAnswered = false;
    const issued = driver.clientCredentials(machine).finally(() => {
      isAnswered = true;
    });
    for (; !isAnswered; await sleep(50)) expect(await driver.introspect(token)).not.toBe(false);
    expect((await issued).status).toBe(503);
    expect(await driver.introspect(token)).toBe(true);
    await store.clearFaults();
  });
}

/** Read models may be believed for 2 s; then a read of the log is given up after 4 s. */
const longestAnswer = 6_500;

/** The store hangs altogether: what is answered is not older than may be believed, and then it is 503. */
export async function hangingStore(run: Run): Promise<void> {
  const { store } = run.deployment;
  await underLoad("hanging store", run, async (_random, load) => {
    process.kill(store.pid, "SIGSTOP");
    await sleep(Math.max(size.hang, longestAnswer));
    process.kill(store.pid, "SIGCONT");
    expect(load.tally.of("introspect", 503).count).toBeGreaterThan(0);
  });
}
