import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DacapoProcess } from "../faults/dacapo-process.ts";
import { Driver } from "../faults/driver.ts";
import { falseDeaths } from "../faults/wrong-answers.ts";
import { checkHistory, History } from "../support/history.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { type Callers, startCallers } from "./callers.ts";
import { type Fleet, maxSessionsPerUser, maxStalenessSeconds, type Server, startFleet } from "./fleet.ts";
import { usedInFile, usedInRedis } from "./generations.ts";
import { makeNextVersion, otherShape } from "./next-version.ts";

/** Some ten processes start one after another, ms. */
const testTimeout = 120_000;

/** How often (ms) the balancer looks: what it does not know yet it learns within this time. */
const interval = 300;

/** Some are told to stop before the balancer knows of it, and answer on for longer (s) than it takes to learn; some after. */
const ways = [
  { kind: "embedded", count: 2, flags: ["--shutdown-delay-seconds", "2"], isToldFirst: false },
  { kind: "remote", count: 1, flags: [], isToldFirst: true },
] as const;

describe.each(ways)("servers and a worker on $kind engines", ({ kind, count, flags, isToldFirst }) => {
  const folder = temporaryFolder();
  let fleet: Fleet;
  let balancer: Balancer;
  let workers: readonly DacapoProcess[];
  let servers: readonly Server[];
  let callers: Callers;

  beforeAll(async () => {
    fleet = await startFleet(kind);
    workers = [await fleet.worker("worker")];
    servers = [await fleet.server("first", { flags })];
    if (count > 1) servers = [...servers, await fleet.server("second", { flags })];
    balancer = await startBalancer(servers, interval);
  });
  afterAll(async () => {
    await balancer?.[Symbol.asyncDispose]();
    await fleet?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Starts the callers, and lets them work for a moment. */
  async function call(bound: number, witnesses: () => readonly Server[]): Promise<void> {
    callers = startCallers({ fleet, balancer, witnesses, bound });
    await sleep(300);
  }

  /** Stops a server, of which the balancer is told before, or learns by itself. */
  async function stop(server: Server): Promise<void> {
    if (isToldFirst) await balancer.drain(server);
    await server.process.stop();
  }

  /** Ends the callers; no request may have failed. */
  async function expectNothingWrong(): Promise<void> {
    await callers.stop();
    expect(callers.wrong(), String(callers.tally)).toEqual([]);
  }

  it("go on while a worker is replaced by another: the projection does not stand still for a second", async () => {
    const next = await fleet.worker("next worker");
    const driver = new Driver(fleet.targetAt(balancer.url), new History());
    const stopped = Promise.all(workers.map((worker) => worker.stop()));
    let slowest = 0;
    const until = performance.now() + 1_500;
    while (performance.now() < until) {
      const { body } = await driver.clientCredentials(fleet.machine);
      const started = performance.now();
      // It is answered when the projection holds it.
      expect(await driver.revoke(body.access_token ?? "", fleet.machine)).toBe(200);
      slowest = Math.max(slowest, performance.now() - started);
    }
    await stopped;
    workers = [next];
    expect(slowest).toBeLessThan(1_000);
  });

  it.runIf(count > 1)(
    "are restarted in turn, twice: no request fails",
    async () => {
      await call(0, () => []);
      for (const server of [...servers, ...servers]) {
        await stop(server);
        await server.process.start();
        await balancer.untilAnswering(server);
      }
      await expectNothingWrong();
      const log = await fleet.readLog();
      expect(checkHistory(callers.history, log, { maxSessionsPerUser })).toEqual([]);
      expect(falseDeaths(callers.history, log)).toEqual([]);
    },
    testTimeout,
  );

  it(
    "are replaced by the next version: no request fails, and what was revoked is dead in time",
    async () => {
      const sources = makeNextVersion(folder.path, otherShape);
      let answering = servers;
      await call(maxStalenessSeconds * 1_000, () => answering);
      const worker = await fleet.worker("worker of the next version", { sources });
      for (const [number, old] of servers.entries()) {
        const server = await fleet.server(`next ${number}`, { sources, flags });
        balancer.add(server);
        answering = [...answering, server];
        await balancer.untilAnswering(server);
        answering = answering.filter((one) => one !== old);
        await stop(old);
      }
      for (const old of workers) await old.stop();
      const stoppedAt = Date.now();
      await sleep(1_000);
      workers = [worker];
      await expectNothingWrong();
      const violations = checkHistory(callers.history, await fleet.readLog(), { maxSessionsPerUser });
      // The moment until the other generation holds a revocation is what the page on upgrades tells of.
      expect(violations.filter(({ invariant }) => invariant !== "I5")).toEqual([]);
      // The old read models are there for a while, and nobody uses them any more: so they are removed when that is over.
      const used = fleet.redis ? await usedInRedis(fleet.redis) : usedInFile(fleet.dataDir);
      expect(used).toHaveLength(2);
      expect(used[0]).toBeLessThanOrEqual(stoppedAt);
      expect(used[1]).toBeGreaterThan(stoppedAt);
    },
    testTimeout,
  );
});
