import { expect, it } from "vitest";
import { Results } from "../../../../interfaces/http/mcp/tools/results.ts";
import { inTurns } from "../../../../interfaces/http/mcp/tools/work.ts";

function* busy(milliseconds: number): Generator<number, string> {
  const began = performance.now();
  for (;;) {
    const fraction = (performance.now() - began) / milliseconds;
    if (fraction >= 1) return "done";
    yield fraction;
  }
}

const unheard = { signal: new AbortController().signal, progress: () => undefined };

it("long work lets others have their turn, and tells how much is done", async () => {
  const told: number[] = [];
  let turns = 0;
  let isDone = false;
  const others = (async () => {
    for (; !isDone; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  })();
  expect(await inTurns(busy(700), { ...unheard, progress: (fraction) => told.push(fraction) })).toBe("done");
  isDone = true;
  await others;
  expect(turns).toBeGreaterThan(10);
  expect(told.length).toBeGreaterThan(1);
  expect(told).toEqual([...told].sort((one, other) => one - other));
  expect(told.every((fraction) => fraction > 0 && fraction < 1)).toBe(true);
});

it("work that nobody waits for any more ends", async () => {
  const gone = new AbortController();
  const working = inTurns(busy(60_000), { ...unheard, signal: gone.signal });
  setTimeout(() => gone.abort(new Error("gone")), 50);
  await expect(working).rejects.toThrow("gone");
});

it("results are computed once, until they are forgotten or 200 others came after them", async () => {
  const results = new Results();
  let computed = 0;
  const once = () => results.of(["a", { b: 1 }], () => ++computed);
  expect([await once(), await once()]).toEqual([1, 1]);
  expect(await results.of(["a", { b: 2 }], () => "other")).toBe("other");
  expect(results.clear()).toBe(2);
  expect(await once()).toBe(2);
  for (let other = 0; other < 200; other += 1) await results.of([other], () => other);
  expect(await once()).toBe(3);
  await expect(results.of(["fails"], () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await results.of(["fails"], () => "yes")).toBe("yes");
});
