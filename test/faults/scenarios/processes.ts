import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { DacapoProcess } from "../dacapo-process.ts";
import type { Deployment } from "../deployment.ts";
import { Driver, tokensOf } from "../driver.ts";
import { size } from "../fault-size.ts";
import type { Load } from "../load.ts";
import { pick } from "../random.ts";
import { crashRedis } from "../redis-data.ts";
import { type Run, underLoad } from "../under-load.ts";

async function crash(process: DacapoProcess): Promise<void> {
  await process.kill();
  await process.start();
}

/** A server, a worker and Redis are killed; then all workers at once, so that nobody projects for a while. */
export async function killed(run: Run): Promise<void> {
  const { apis, workers } = run.deployment;
  await underLoad("killed", run, async (random) => {
    await Promise.all([
      crash(pick(random, apis).process),
      crash(pick(random, workers)),
      sleep(random() * 1_000).then(() => crashRedis(run.redis.master)),
    ]);
    await Promise.all(workers.map((worker) => worker.kill()));
    await sleep(size.seconds * 1_000);
    await Promise.all(workers.map((worker) => worker.start()));
  });
}

/** While all workers hang, the read models are believed for a moment that know nothing of what is issued now. */
async function issueUnseen({ apis, workers }: Deployment, load: Load): Promise<void> {
  const [driver, ...others] = apis.map(({ target }) => new Driver(target, load.history, load.tally.count));
  const person = await driver?.signIn("alice");
  if (!driver || !person) throw new Error("nobody signed in");
  const codes = [await driver.code(person), await driver.code(person)];
  for (const worker of workers) worker.pause();
  for (const code of codes) {
    const tokens = tokensOf(await driver.redeem(code));
    for (const other of others) expect.soft(await other.introspect(tokens.accessToken)).not.toBe(false);
  }
  for (const worker of workers) worker.resume();
}

/** Each worker hangs for a while and goes on with what it had in hand; then all do. */
export async function lagging(run: Run): Promise<void> {
  const { workers } = run.deployment;
  await underLoad("lagging", run, async (_random, load) => {
    for (const worker of workers) {
      worker.pause();
      await sleep(size.seconds * 400);
      worker.resume();
      await sleep(300);
    }
    await issueUnseen(run.deployment, load);
  });
}

/** The read models are built anew while users are disabled. */
export async function rebuilt(run: Run): Promise<void> {
  const { deployment } = run;
  const rebuild = async () => {
    const { code, stderr } = await deployment.cli(["projector", "rebuild", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  };
  const load = await underLoad("rebuilt", run, rebuild, { disables: 1, introspections: 4 });
  expect(load.tally.of("disable", 200).count).toBeGreaterThan(0);
}

/** One server believes that it is 30 s later than it is. */
export async function late(run: Run): Promise<void> {
  const clock = fileURLToPath(new URL("../late-clock.ts", import.meta.url));
  const { target, process } = await run.deployment.extraApi(["--import", clock]);
  await underLoad("late", run, async (random, load) => {
    expect((await fetch(`${target.issuer}/readyz`)).status).toBe(503);
    const driver = new Driver(target, load.history);
    expect((await driver.clientCredentials(run.deployment.machine)).status).toBe(503);
    const living = load.pool.living(random) ?? "";
    expect(await driver.introspect(living)).toBeUndefined();
    expect(await driver.revoke(living)).toBe(503);
  });
  await process.stop();
}
