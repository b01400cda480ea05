import { describe, expect, it } from "vitest";
import { grantDecider } from "../../domain/grant/decide.ts";
import { isNightly } from "../faults/fault-size.ts";
import { explore } from "../support/walk/explore.ts";
import * as mutants from "../support/walk/mutants.ts";

/** Each step more doubles the states, about. */
const depth = isNightly ? 12 : 10;

describe("every interleaving of the client, a thief and another client", () => {
  it(`keeps I2, I3, I4, I6 and I7 to a depth of ${depth}`, { timeout: 240_000 }, () => {
    const { states, transitions, found } = explore({ decider: grantDecider, checksRevision: true }, depth);
    console.info(`the walk saw ${states} states and ${transitions} transitions to a depth of ${depth}`);
    expect(found).toBeUndefined();
    expect(states).toBeGreaterThan(isNightly ? 400_000 : 80_000);
  });
});

describe("the walk finds a grant that", () => {
  it.each([
    ["forgives a reuse", mutants.forgivesReuse, "I4"],
    ["answers a repeat with another successor", mutants.branchesOnRepeat, "I4"],
    ["goes on knowing a spent token", mutants.keepsThePredecessor, "I3"],
    ["lets a code be redeemed twice", mutants.redeemsAgain, "I2"],
    ["takes a code from any client", mutants.trustsEveryClient, "I2"],
    ["forgets what the user has lost", mutants.forgetsStanding, "I7"],
    ["never closes the grace window", mutants.waitsForEver, "I4"],
    ["ends for a token never issued", mutants.fallsForForgery, "I4"],
    ["is appended to without looking at its revision", mutants.losesRaces, "I2"],
  ])("%s", (_, rules, invariant) => {
    const { found } = explore(rules, 8);
    expect(found?.invariant, found?.trace.join("\n")).toBe(invariant);
  });
});
