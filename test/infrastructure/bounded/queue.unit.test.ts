import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createBoundedQueue } from "../../../infrastructure/bounded/queue.ts";

/** Work that ends when it is told to. */
function heldWork() {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (number: number) => () => {
    begun.push(number);
    return new Promise<number>((resolve) => ends.push(() => resolve(number)));
  };
  return { begun, ends, work };
}

describe("a bounded queue", () => {
  it("runs so much at once, the rest in turn, and refuses what is more", async () => {
    const { begun, ends, work } = heldWork();
    const inTurn = createBoundedQueue({ running: 2, waiting: 1 });
    const [one, two, three] = [inTurn(work(1)), inTurn(work(2)), inTurn(work(3))];
    await expect(inTurn(work(4))).rejects.toThrow(Unavailable);
    expect(begun).toEqual([1, 2]);
    ends[0]?.();
    expect(await one).toBe(1);
    await sleep(0);
    expect(begun).toEqual([1, 2, 3]);
    for (const end of ends) end();
    expect(await Promise.all([two, three])).toEqual([2, 3]);
  });

  it("passes a turn on where work fails", async () => {
    const inTurn = createBoundedQueue({ running: 1, waiting: 1 });
    const failing = inTurn(() => Promise.reject(new Error("it failed")));
    const next = inTurn(async () => "done");
    await expect(failing).rejects.toThrow("it failed");
    expect(await next).toBe("done");
  });

  it("refuses what has waited too long, and gives its turn to the next one", async () => {
    const { begun, ends, work } = heldWork();
    const inTurn = createBoundedQueue({ running: 1, waiting: 2, patience: 20 });
    const [first, second] = [inTurn(work(1)), inTurn(work(2))];
    await expect(second).rejects.toThrow("waited too long");
    const third = inTurn(work(3));
    ends[0]?.();
    await first;
    await sleep(0);
    expect(begun).toEqual([1, 3]);
    ends[1]?.();
    expect(await third).toBe(3);
  });
});
