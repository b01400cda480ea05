import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ConnectedCounters } from "../../../infrastructure/limits/counters.ts";
import { createMemoryCounters } from "../../../infrastructure/limits/memory.ts";
import { createSharedCounters } from "../../../infrastructure/limits/shared.ts";

describe("counters in memory", () => {
  it("count in a window that begins with the first, each key for itself", async () => {
    const counters = createMemoryCounters();
    expect((await counters.add("a", 60)).count).toBe(1);
    const second = await counters.add("a", 60);
    expect(second.count).toBe(2);
    expect(second.endsIn).toBeGreaterThan(59_000);
    expect(second.endsIn).toBeLessThanOrEqual(60_000);
    expect((await counters.add("a", 60, -1)).count).toBe(1);
    expect((await counters.add("b", 60)).count).toBe(1);
    await counters.forget("a");
    expect((await counters.add("a", 60)).count).toBe(1);
  });

  it("begin anew when the window has ended", async () => {
    const counters = createMemoryCounters();
    await counters.add("a", 0.02);
    await sleep(30);
    expect((await counters.add("a", 60)).count).toBe(1);
  });

  it("hold so many keys of a sort at most: those counted longest ago are forgotten", async () => {
    const counters = createMemoryCounters(2);
    for (const key of ["x:a", "x:b", "x:a", "x:c"]) await counters.add(key, 60);
    expect((await counters.add("x:a", 60)).count).toBe(3);
    expect((await counters.add("x:b", 60)).count).toBe(1);
  });

  it("keep those of one sort, however many of another are made up", async () => {
    const counters = createMemoryCounters(2);
    await counters.add("sign-in:ada", 60);
    for (let made = 0; made < 10; made += 1) await counters.add(`token:${made}`, 60);
    expect((await counters.add("sign-in:ada", 60)).count).toBe(2);
  });
});

describe("shared counters", () => {
  /** Shared ones that hold another process's counts, and fail while they are told to. */
  function setUp() {
    const state = { fails: false, asked: 0 };
    const others = createMemoryCounters();
    const ask = async <T>(work: () => Promise<T>): Promise<T> => {
      state.asked += 1;
      if (state.fails) throw new Error("gone");
      return await work();
    };
    const shared: ConnectedCounters = {
      add: (...args) => ask(() => others.add(...args)),
      forget: (key) => ask(() => others.forget(key)),
      close: async () => undefined,
    };
    const told: string[] = [];
    const counters = createSharedCounters(shared, createMemoryCounters(), {
      lost: () => told.push("lost"),
      found: () => told.push("found"),
    });
    return { state, others, counters, told };
  }

  it("answer what all processes counted, and without them what this one did", async () => {
    const { state, others, counters, told } = setUp();
    await others.add("a", 60, 5);
    expect((await counters.add("a", 60)).count).toBe(6);
    state.fails = true;
    expect((await counters.add("a", 60)).count).toBe(2);
    await counters.forget("a");
    expect((await counters.add("a", 60)).count).toBe(1);
    expect(told).toEqual(["lost"]);
  });

  it("are not asked again for a while after two failures, and then are found", async () => {
    const { state, counters, told } = setUp();
    state.fails = true;
    for (let n = 0; n < 20; n++) await counters.add("a", 60);
    expect(state.asked).toBe(2);
    state.fails = false;
    await sleep(1_050);
    expect((await counters.add("a", 60)).count).toBe(1);
    expect(told).toEqual(["lost", "found"]);
  });
});
