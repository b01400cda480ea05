import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Secrets } from "../../../application/ports/secrets.ts";
import { createMemoryCounters } from "../../../infrastructure/limits/memory.ts";
import { createLimits } from "../../../interfaces/http/rate-limits.ts";
import { createSignInThrottle, type SignInThrottle } from "../../../interfaces/http/sign-in-throttle.ts";

const readable = { mac: (_purpose: string, value: string) => ({ value, keyVersion: 1 }) } as Secrets;
const [minute, quarter] = [60, 15 * 60];
let throttle: SignInThrottle;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  throttle = createSignInThrottle(createLimits(createMemoryCounters(), readable));
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1_000);

async function fail(times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) expect(await throttle.attempt("here")).toBe(0);
}

/** The next waits: each is asked for twice, waited for to its end, and followed by one more failure. */
async function waits(times: number): Promise<number[]> {
  const seen: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const wait = await throttle.attempt("here");
    expect(await throttle.attempt("here")).toBe(wait);
    seen.push(wait);
    pass(wait);
    await fail(1);
  }
  return seen;
}

it("ten failures are free, then the waits double up to 15 minutes (§1)", async () => {
  await fail(10);
  expect(await waits(13)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, quarter, quarter, quarter]);
});

it("failures are forgotten after 15 minutes, and after a wait 15 minutes later (§1)", async () => {
  await fail(9);
  pass(quarter);
  await fail(10);
  expect(await waits(5)).toEqual([1, 2, 4, 8, 16]);
  pass(32 + 14 * minute);
  await fail(1);
  expect(await throttle.attempt("here")).toBe(64);
  pass(64 + quarter);
  await fail(10);
  expect(await throttle.attempt("here")).toBe(1);
});

it("failures are forgotten after a right password, of this place alone", async () => {
  for (let count = 0; count < 10; count += 1) await throttle.attempt("elsewhere");
  await fail(10);
  await throttle.succeeded("here");
  await fail(10);
  expect(await throttle.attempt("elsewhere")).toBe(1);
});

it("attempts at once are not free", async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => throttle.attempt("here")));
  expect(answers.filter((wait) => wait === 0)).toHaveLength(10);
});
