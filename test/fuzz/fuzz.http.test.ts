import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareFold } from "../faults/compare-fold.ts";
import { checkHistory } from "../support/history.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { seconds, seed } from "./fuzz-size.ts";
import { heapInUse, Run, recipe } from "./run.ts";

const requestsARound = 200;
/** The caches of the server, which have their bounds, are filled by then. */
const roundsToWarmUp = 4;
const fewestRounds = 10;
/** A run keeps its history; a server nothing of a request (I14). */
const heapBound = (requests: number): number => 24 * 2 ** 20 + 100 * requests;

let server: TestServer;
let run: Run;

beforeAll(async () => {
  server = await startTestServer({ registration: "open" });
  run = await Run.against(server);
});
afterAll(async () => {
  await run[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe(`whatever is sent to any endpoint (DACAPO_SEED=${seed})`, () => {
  it(
    "is answered in time, in form, without a secret and without an event that nothing names (I10, I12)",
    async () => {
      const until = performance.now() + seconds * 1_000;
      let heap = 0;
      for (let round = 0; round < fewestRounds || performance.now() < until; round += 1) {
        if (round === roundsToWarmUp) heap = heapInUse();
        await fc.assert(fc.asyncProperty(recipe, run.attempt), {
          seed: seed + round,
          numRuns: requestsARound,
        });
      }
      await run.reachAll();
      const grown = heapInUse() - heap;
      console.log(`${run}; heap ${Math.round(grown / 1024)} KiB more after ${seconds} s`);
      expect(grown).toBeLessThan(heapBound(run.requests));
      expect(run.unreached).toEqual([]);
    },
    (seconds + 60) * 1_000,
  );

  it("is explained by the log, which the read models equal (I1-I10)", async () => {
    const { store, readModels } = server.runtime;
    expect(checkHistory(run.history, await run.log()).slice(0, 10)).toEqual([]);
    const { differences, compared } = await compareFold(store, readModels);
    expect(differences.slice(0, 10)).toEqual([]);
    expect(compared).toBeGreaterThan(100);
  });
});
