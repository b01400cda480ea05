import { expect, it } from "vitest";
import { createInProcessJobs } from "../../../infrastructure/jobs/in-process.ts";

it("what is seldom due is done a minute after the start, then as often as it is due, sooner where it failed", async () => {
  const waits: number[] = [];
  const outcomes = [true, true, false, true];
  const { promise, resolve } = Promise.withResolvers<void>();
  const clock = {
    async sleep(milliseconds: number) {
      waits.push(milliseconds);
      if (waits.length > outcomes.length) {
        resolve();
        await new Promise(() => undefined);
      }
    },
  };
  const jobs = createInProcessJobs(clock, () => undefined);
  let runs = 0;
  await jobs.schedule("seldom", 3_600_000, async () => {
    runs += 1;
    if (!outcomes[runs - 1]) throw new Error("it failed");
  });
  await promise;
  expect(waits.slice(0, 3)).toEqual([60_000, 3_600_000, 3_600_000]);
  expect(waits[3]).toBeLessThan(60_000);
  expect(waits[4]).toBe(3_600_000);
});
