import { setTimeout as sleep } from "node:timers/promises";
import type { History } from "../support/history.ts";
import type { Api, Deployment } from "./deployment.ts";
import { Driver } from "./driver.ts";
import { type LoadContext, loops } from "./load-loops.ts";
import { pick, type Random } from "./random.ts";
import { Tally } from "./tally.ts";
import { TokenPool } from "./token-pool.ts";

/** How many clients do each of these at once. */
export interface LoadOptions {
  readonly families?: number;
  readonly machines?: number;
  readonly introspections?: number;
  readonly revocations?: number;
  readonly signOuts?: number;
  readonly disables?: number;
}

const usual: Required<LoadOptions> = {
  families: 2,
  machines: 2,
  introspections: 2,
  revocations: 2,
  signOuts: 1,
  disables: 0,
};

/** A load that runs until it is stopped. */
export interface Load {
  /** Everything that was asked. */
  readonly history: History;
  readonly tally: Tally;
  /** What was seen to be wrong on the spot. */
  readonly wrong: readonly string[];
  /** The access tokens that clients hold. */
  readonly pool: TokenPool;
  /** Asks every server about every token that was answered to be dead. */
  askAboutTheDead(): Promise<void>;
  stop(): Promise<void>;
}

/** Clients of all kinds at once, spread over the servers by chance; everything goes into the history. */
export function startLoad(
  deployment: Deployment,
  history: History,
  random: Random,
  options: LoadOptions = {},
): Load {
  const numbers = { ...usual, ...options };
  const tally = new Tally();
  const pool = new TokenPool();
  const wrong: string[] = [];
  const drivers = new Map<Api, Driver>();
  const stopping = new AbortController();

  function driverOf(api: Api): Driver {
    const driver = drivers.get(api) ?? new Driver(api.target, history, tally.count);
    drivers.set(api, driver);
    return driver;
  }

  const everywhere = () => deployment.apis.map((api) => ({ name: api.process.name, driver: driverOf(api) }));

  async function mustBeDead(tokens: readonly string[]): Promise<void> {
    const asked = everywhere().flatMap(({ name, driver }) =>
      tokens.map(async (token) => {
        if (await driver.introspect(token))
          wrong.push(`${name} says that a token lives which was answered to be dead`);
      }),
    );
    await Promise.all(asked);
  }

  const context: LoadContext = {
    deployment,
    history,
    random,
    tally,
    pool,
    isStopped: () => stopping.signal.aborted,
    any: () => driverOf(pick(random, deployment.apis)),
    async buried(tokens) {
      pool.bury(tokens);
      await mustBeDead(tokens);
    },
    stillDead: async (token) => {
      if (await driverOf(pick(random, deployment.apis)).introspect(token))
        wrong.push("a token that was answered to be dead is called active");
    },
    pause: (milliseconds) =>
      sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => undefined),
  };
  const running = Object.entries(numbers).flatMap(([name, count]) =>
    Array.from({ length: count }, () => loops[name as keyof LoadOptions](context)),
  );
  const ended = Promise.allSettled(running);
  return {
    history,
    tally,
    wrong,
    pool,
    askAboutTheDead: () => mustBeDead(pool.allDead),
    async stop() {
      stopping.abort();
      await ended;
      await Promise.all(running);
    },
  };
}
