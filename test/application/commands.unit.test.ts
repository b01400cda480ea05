import { describe, expect, it } from "vitest";
import { createRefusalCounter } from "../../application/commands/count-refusals.ts";
import { createHandle } from "../../application/commands/handle.ts";
import { createLog } from "../../application/log.ts";
import { Unavailable, WrongExpectedRevision } from "../../application/ports/event-store.ts";
import { streams } from "../../application/streams.ts";
import { accept, type Decider, type DomainEvent } from "../../domain/decider.ts";
import type { RefusalCount } from "../../domain/refusal-count.ts";
import { systemClock as clock } from "../../infrastructure/clock.ts";
import { openEphemeralEventStore } from "../../infrastructure/event-store/sqlite/index.ts";

const metadata = { actor: "system", correlationId: "test" };
const ids = { newEventId: () => crypto.randomUUID() };

type Counted = DomainEvent<"refusals.counted", RefusalCount>;

const counted = (count: number): Counted => ({
  type: "refusals.counted",
  data: { kind: "k", clientId: null, count, windowStart: 0, windowEnd: 1 },
});

/** Counts how often it was told to. */
const counter: Decider<number, "count" | "look", Counted, number> = {
  initialState: 0,
  evolve: (_state, event) => event.data.count,
  decide: (command, state) =>
    command === "look" ? accept([], state) : accept([counted(state + 1)], state + 1),
};

describe("the command handler", () => {
  const setUp = async () => {
    const store = await openEphemeralEventStore();
    const log = createLog(store, ids);
    return { store, log, handle: createHandle(log, clock.sleep) };
  };

  it("answers each of many commands on one stream in turn", async () => {
    const { handle } = await setUp();
    const runs = Array.from({ length: 100 }, () =>
      handle({ stream: "s", decider: counter, command: () => "count" as const, metadata }),
    );
    const answers = (await Promise.all(runs)).map(({ answer }) => answer);
    expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  it("decides again where somebody else was first, and gives up after a bounded number of times", async () => {
    const { log } = await setUp();
    let losses = 3;
    const contended = {
      ...log,
      append: async (...args: Parameters<typeof log.append>) => {
        if (losses > 0) {
          losses -= 1;
          await log.append(args[0], [counted(10)], args[2], metadata);
        }
        return await log.append(...args);
      },
    };
    const handle = createHandle(contended, async () => undefined);
    const run = () => handle({ stream: "s", decider: counter, command: () => "count" as const, metadata });
    expect((await run()).answer).toBe(11);
    losses = Number.POSITIVE_INFINITY;
    await expect(run()).rejects.toThrow(Unavailable);
  });

  it("repeats nothing but lost races", async () => {
    const { log } = await setUp();
    let attempts = 0;
    const down = {
      ...log,
      append: async () => {
        attempts += 1;
        throw new Unavailable("down");
      },
    };
    const handle = createHandle(down, async () => undefined);
    const run = handle({ stream: "s", decider: counter, command: () => "count" as const, metadata });
    await expect(run).rejects.toThrow("down");
    expect(attempts).toBe(1);
  });

  it("answers what records nothing with the position that the answer rests on", async () => {
    const { handle } = await setUp();
    const { position } = await handle({
      stream: "s",
      decider: counter,
      command: () => "count" as const,
      metadata,
    });
    const looked = await handle({ stream: "s", decider: counter, command: () => "look" as const, metadata });
    expect(looked).toEqual({ answer: 1, position });
  });
});

describe("the counter of refusals (I10)", () => {
  const setUp = async () => {
    const log = createLog(await openEphemeralEventStore(), ids);
    const counts = async () =>
      (await log.recent(streams.refusals, 1_000)).map(({ data }) => {
        const { kind, clientId, count } = data as RefusalCount;
        return { kind, clientId, count };
      });
    return { log, counts, refusals: createRefusalCounter(log, clock) };
  };

  it("records one event a client and kind, and nothing where nothing was refused", async () => {
    const { refusals, counts } = await setUp();
    await refusals.flush();
    for (let index = 0; index < 1_000; index += 1) refusals.count("token invalid_grant", "c_1");
    refusals.count("token invalid_grant", "c_2");
    refusals.count("token invalid_client", undefined);
    await refusals.flush();
    await refusals.flush();
    expect(await counts()).toEqual([
      { kind: "token invalid_grant", clientId: "c_1", count: 1_000 },
      { kind: "token invalid_grant", clientId: "c_2", count: 1 },
      { kind: "token invalid_client", clientId: null, count: 1 },
    ]);
  });

  it("sums up what goes beyond its bound, and loses none of it", async () => {
    const { refusals, counts } = await setUp();
    for (let index = 0; index < 10_000; index += 1) refusals.count("k", `c_${index}`);
    await refusals.flush();
    const events = await counts();
    expect(events.length).toBeLessThan(110);
    expect(events.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  });

  it("keeps its counts while the log cannot be reached, and races with other processes", async () => {
    const { log, counts } = await setUp();
    let failure: Error | undefined = new Unavailable("down");
    const flaky = {
      ...log,
      append: async (...args: Parameters<typeof log.append>) => {
        if (failure) {
          const thrown = failure;
          failure = undefined;
          throw thrown;
        }
        return await log.append(...args);
      },
    };
    const refusals = createRefusalCounter(flaky, clock);
    refusals.count("k", undefined);
    await expect(refusals.flush()).rejects.toThrow("down");
    refusals.count("k", undefined);
    failure = new WrongExpectedRevision(streams.refusals, 7);
    await refusals.flush();
    expect(await counts()).toEqual([{ kind: "k", clientId: null, count: 2 }]);
  });
});
