import { setTimeout as sleep } from "node:timers/promises";
import { Driver } from "../faults/driver.ts";
import { seed } from "../faults/fault-size.ts";
import { type LoadContext, loops } from "../faults/load-loops.ts";
import { randomOf } from "../faults/random.ts";
import { Tally } from "../faults/tally.ts";
import { TokenPool } from "../faults/token-pool.ts";
import { History } from "../support/history.ts";
import type { Balancer } from "./balancer.ts";
import type { Fleet, Server } from "./fleet.ts";

/** 32 callers, that leave the machine time to start processes. */
const slowness = 5;
const numbers = { families: 8, machines: 8, introspections: 8, revocations: 8 };

/** Clients that go on until they are stopped. */
export interface Callers {
  readonly history: History;
  readonly tally: Tally;
  /** What no client may see: failed requests, refusals that nobody explains, tokens that live although they were revoked. */
  wrong(): readonly string[];
  stop(): Promise<void>;
}

export interface CallersOptions {
  readonly fleet: Fleet;
  readonly balancer: Balancer;
  /** Who is asked about what was revoked, without the balancer. */
  readonly witnesses: () => readonly Server[];
  /** How long (ms) after the answer a revocation may take to hold on every process. */
  readonly bound: number;
}

/** Codes, refreshes, client credentials, introspections and revocations through the balancer, each again and again. */
export function startCallers({ fleet, balancer, witnesses, bound }: CallersOptions): Callers {
  const history = new History();
  const tally = new Tally();
  const pool = new TokenPool();
  const living: string[] = [];
  const stopping = new AbortController();
  const driver = new Driver(fleet.targetAt(balancer.url), history, tally.count);
  const pause = (milliseconds: number) =>
    sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => undefined);

  async function mustBeDead(token: string): Promise<void> {
    const asked = witnesses().map(async ({ name, port }) => {
      const { issuer: _balancer, ...target } = fleet.targetAt("");
      const witness = new Driver({ ...target, issuer: `http://127.0.0.1:${port}` }, new History());
      if (await witness.introspect(token)) living.push(`${name} says that a revoked token lives`);
    });
    await Promise.all(asked);
  }

  const context: LoadContext = {
    deployment: fleet,
    history,
    random: randomOf(seed),
    tally,
    pool,
    isStopped: () => stopping.signal.aborted,
    any: () => driver,
    async buried(tokens) {
      await pause(bound);
      pool.bury(tokens);
      const [newest] = tokens.slice(-1);
      if (newest !== undefined) await mustBeDead(newest);
    },
    async stillDead(token) {
      if (await driver.introspect(token)) living.push("a revoked token is called active");
    },
    pause: (milliseconds) => pause(milliseconds * slowness),
  };
  const running = Object.entries(numbers).flatMap(([name, count]) =>
    Array.from({ length: count }, () => loops[name as keyof typeof numbers](context)),
  );
  const ended = Promise.allSettled(running);
  return {
    history,
    tally,
    wrong: () => [
      ...new Set(balancer.failures),
      ...tally.unexpected(),
      ...tally.failed().map((name) => `failed: ${name}`),
      ...living,
      ...fleet.crashes(),
    ],
    async stop() {
      stopping.abort();
      await ended;
      await Promise.all(running);
    },
  };
}
