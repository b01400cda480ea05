import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Jobs } from "../../../application/ports/jobs.ts";

/** Where jobs run, in one process or several. */
export interface Deployment {
  /** Jobs as one process has them; `failed` is told what goes wrong there. */
  connect(failed: (name: string, error: unknown) => void): Jobs;
  remove(): Promise<void>;
}

const interval = 300;

/** What every adapter of the port `Jobs` promises. */
export function jobsContract(name: string, open: () => Promise<Deployment>): void {
  describe(`jobs: ${name}`, () => {
    let deployment: Deployment;
    let jobs: Jobs;
    let failures: string[];

    beforeEach(async () => {
      deployment = await open();
      failures = [];
      jobs = deployment.connect((job, error) => failures.push(`${job}: ${(error as Error).message}`));
    });
    afterEach(async () => {
      await jobs.close();
      await deployment.remove();
    });

    it("run once an interval, the first time after one", async () => {
      const times: number[] = [];
      const begun = performance.now();
      await jobs.schedule("count", interval, async () => void times.push(performance.now() - begun));
      await delay(interval * 5.5);
      expect(times[0]).toBeGreaterThan(interval * 0.9);
      expect(times.length).toBeGreaterThanOrEqual(4);
      expect(times.length).toBeLessThanOrEqual(6);
      expect(failures).toEqual([]);
    });

    it("retry a run that failed before the next one is due, and tell of it", async () => {
      const times: number[] = [];
      await jobs.schedule("shaky", 2_000, async () => {
        times.push(performance.now());
        if (times.length < 3) throw new Error(`broken ${times.length}`);
      });
      await expect.poll(() => times.length, { timeout: 15_000 }).toBe(3);
      const [first = 0, second = 0, third = 0] = times;
      expect(third - first).toBeLessThan(1_990);
      expect(third - second).toBeGreaterThan((second - first) * 1.2);
      expect(failures).toEqual(["shaky: broken 1", "shaky: broken 2"]);
    });

    it("go on after a run that failed for good", async () => {
      let runs = 0;
      await jobs.schedule("broken", 200, async () => {
        runs += 1;
        throw new Error("broken");
      });
      await expect.poll(() => runs, { timeout: 10_000 }).toBeGreaterThan(8);
      expect(new Set(failures)).toEqual(new Set(["broken: broken"]));
    });

    it("never run twice at once, however long a run takes", async () => {
      let running = 0;
      let runs = 0;
      const most: number[] = [];
      await jobs.schedule("long", 100, async ({ progress }) => {
        running += 1;
        most.push(running);
        await progress(1);
        await delay(350);
        running -= 1;
        runs += 1;
      });
      await expect.poll(() => runs, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
      expect(Math.max(...most)).toBe(1);
    });

    it("do not keep each other waiting", async () => {
      let runs = 0;
      let isLongDone = false;
      await jobs.schedule("long", interval, async ({ signal }) => {
        await delay(20_000, undefined, { signal }).catch(() => undefined);
        isLongDone = true;
      });
      await jobs.schedule("short", interval, async () => {
        runs += 1;
      });
      await expect.poll(() => runs, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
      expect(isLongDone).toBe(false);
    });

    it("close when the run under way has ended, which is told to; and begin no more", async () => {
      const begun = Promise.withResolvers<void>();
      let runs = 0;
      let isEnded = false;
      await jobs.schedule("long", 100, async ({ signal }) => {
        runs += 1;
        begun.resolve();
        await delay(20_000, undefined, { signal }).catch(() => undefined);
        await delay(100);
        isEnded = true;
      });
      await begun.promise;
      await jobs.close();
      expect(isEnded).toBe(true);
      expect(runs).toBe(1);
      await delay(300);
      expect(runs).toBe(1);
      expect(failures).toEqual([]);
    });

    it("may be closed before the first run, and twice", async () => {
      await jobs.schedule("never", 60_000, async () => undefined);
      await jobs.close();
      await jobs.close();
    });
  });
}
