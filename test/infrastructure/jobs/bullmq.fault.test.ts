import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { startRedisServer } from "../../support/redis-server.ts";

const program = fileURLToPath(new URL("./worker.ts", import.meta.url));

interface Told {
  readonly worker: ChildProcess;
  readonly line: string;
  readonly at: number;
}

it("a run of a process that is killed in the middle is taken over by another one", async () => {
  await using redis = await startRedisServer();
  const interval = 5_000;
  const args = [program, redis.url, `{dacapo:${randomUUID()}}`, String(interval), "700", "500"];
  const told: Told[] = [];
  const start = () => {
    const worker = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void worker.kill("SIGKILL"));
    createInterface(worker.stdout).on("line", (line) => told.push({ worker, line, at: performance.now() }));
    return worker;
  };
  const workers = [start(), start()];
  const lines = (line: string) => told.filter((entry) => entry.line === line);
  await expect.poll(() => lines("begun").length, { timeout: 15_000, interval: 10 }).toBe(1);
  const victim = lines("begun")[0]?.worker;
  const killedAt = performance.now();
  victim?.kill("SIGKILL");

  await expect.poll(() => lines("ended").length, { timeout: 10_000 }).toBe(1);
  const [, takenOver] = lines("begun");
  expect(takenOver?.worker).toBe(workers.find((worker) => worker !== victim));
  expect(lines("ended")[0]?.worker).toBe(takenOver?.worker);
  // Sooner than the next one would have been due: it is the same run, done again.
  expect((takenOver?.at ?? Number.POSITIVE_INFINITY) - killedAt).toBeLessThan(interval - 1_500);
});
